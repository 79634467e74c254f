//! How often a stub must be called.

use std::fmt;

/// A number of calls, or a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Expect {
    /// The minimum number of calls.
    pub min: u64,
    /// The maximum number of calls; `None` for any number.
    pub max: Option<u64>,
}

impl Expect {
    /// Expects exactly this many calls.
    pub fn exactly(calls: u64) -> Expect {
        Expect { min: calls, max: Some(calls) }
    }

    /// Returns whether a number of calls is as expected.
    pub fn is_met_by(self, calls: u64) -> bool {
        calls >= self.min && self.max.is_none_or(|max| calls <= max)
    }
}

/// Writes the number in words, as in "expected at least 2 calls".
impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = |count: u64| if count == 1 { "call" } else { "calls" };
        match (self.min, self.max) {
            (0, Some(0)) => f.write_str("no call"),
            (min, Some(max)) if min == max => write!(f, "{min} {}", calls(min)),
            (0, Some(max)) => write!(f, "at most {max} {}", calls(max)),
            (min, Some(max)) => write!(f, "{min} to {max} calls"),
            (min, None) => write!(f, "at least {min} {}", calls(min)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_range_are_within_it() {
        let range = Expect { min: 2, max: Some(3) };

        assert_eq!([1, 2, 3, 4].map(|calls| range.is_met_by(calls)), [false, true, true, false]);
        assert!(Expect { min: 1, max: None }.is_met_by(u64::MAX));
        assert!(!Expect::exactly(0).is_met_by(1));
    }

    #[test]
    fn it_reads_as_a_sentence_does() {
        let all = [(0, Some(0)), (1, Some(1)), (2, Some(2)), (0, Some(3)), (1, Some(3)), (2, None)];
        let texts = all.map(|(min, max)| Expect { min, max }.to_string());

        assert_eq!(texts, ["no call", "1 call", "2 calls", "at most 3 calls", "1 to 3 calls", "at least 2 calls"]);
    }
}
