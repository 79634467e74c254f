//! A JSON number, compared by its value.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A JSON number: exact if it is a whole number of 64 bits, else a double.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Number {
    /// A whole number; wide enough for `i64` and `u64` alike.
    Integer(i128),
    /// Anything else; always finite.
    Float(f64),
}

impl Number {
    /// Parses a JSON number, which may have white space around it.
    ///
    /// Numeric operators use this for headers and leaves of XML.
    pub(crate) fn parse(text: &str) -> Option<Number> {
        let text = text.trim();
        if let Ok(whole) = text.parse::<i128>() {
            return Some(Number::Integer(whole));
        }
        let starts_like_a_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+' || c == '.');
        let float = text.parse::<f64>().ok().filter(|_| starts_like_a_number)?;
        float.is_finite().then_some(Number::Float(float))
    }

    /// Returns whether two numbers are equal by value: 1 and 1.0 are.
    pub(crate) fn same(&self, other: &Number) -> bool {
        self.compare(other) == Ordering::Equal
    }

    /// Orders two numbers by value, exactly even if a double cannot hold the whole number.
    pub(crate) fn compare(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Integer(a), Number::Integer(b)) => a.cmp(b),
            // A number is never NaN. If one were, a total order would still be better than a panic.
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(b).unwrap_or_else(|| a.total_cmp(b)),
            (Number::Integer(a), Number::Float(b)) => integer_to_float(*a, *b),
            (Number::Float(a), Number::Integer(b)) => integer_to_float(*b, *a).reverse(),
        }
    }

    /// Returns the canonical form: equal numbers become identical, and a whole one becomes an integer.
    pub(crate) fn canonical(&self) -> Number {
        match self {
            Number::Float(float) if float.fract() == 0.0 && float.abs() < BEYOND_I128 => {
                Number::Integer(*float as i128)
            }
            other => *other,
        }
    }

    /// Returns whether it has no fractional part.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Number::Integer(_) => true,
            Number::Float(float) => float.fract() == 0.0,
        }
    }
}

/// The smallest double that is larger than every exact whole number.
const BEYOND_I128: f64 = 1.7e38;

fn integer_to_float(integer: i128, float: f64) -> Ordering {
    if float >= BEYOND_I128 {
        return Ordering::Less;
    }
    if float <= -BEYOND_I128 {
        return Ordering::Greater;
    }
    // Within the range of i128 the whole part converts exactly.
    let whole = float.floor();
    integer.cmp(&(whole as i128)).then_with(|| if float > whole { Ordering::Less } else { Ordering::Equal })
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Number::Integer(integer) => (false, integer).hash(state),
            // -0.0 equals 0.0, and adding 0.0 makes it that.
            Number::Float(float) => (true, (float + 0.0).to_bits()).hash(state),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Integer(integer) => write!(f, "{integer}"),
            Number::Float(float) => write!(f, "{float:?}"),
        }
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Number {
        Number::Integer(integer.into())
    }
}

impl From<usize> for Number {
    fn from(count: usize) -> Number {
        Number::Integer(count as i128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_beyond_a_doubles_precision_stay_apart() {
        let even = Number::Float(9_007_199_254_740_992.0);

        assert_eq!(Number::Integer(9_007_199_254_740_993).compare(&even), Ordering::Greater);
        assert!(Number::Integer(9_007_199_254_740_992).same(&even));
    }

    #[test]
    fn a_negative_fraction_lies_between_its_neighbours() {
        assert_eq!(Number::Integer(-1).compare(&Number::Float(-1.5)), Ordering::Greater);
        assert_eq!(Number::Integer(-2).compare(&Number::Float(-1.5)), Ordering::Less);
    }

    #[test]
    fn numbers_that_are_the_same_are_reduced_alike() {
        assert_eq!(Number::Float(-0.0).canonical(), Number::Integer(0));
        assert_eq!(Number::Float(1e20).canonical(), Number::Integer(100_000_000_000_000_000_000));
        assert_eq!(Number::Float(1.7e38).canonical(), Number::Float(1.7e38));
        assert_eq!(Number::Float(0.5).canonical(), Number::Float(0.5));
    }

    #[test]
    fn words_that_rust_reads_as_floats_are_not_numbers() {
        assert_eq!(Number::parse("inf"), None);
        assert_eq!(Number::parse("NaN"), None);
        assert_eq!(Number::parse("-inf"), None);
        assert_eq!(Number::parse(""), None);
    }
}
