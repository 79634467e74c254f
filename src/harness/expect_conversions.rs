//! Converts a number or a range to an expected number of requests.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use crate::model::Expect;

impl From<u64> for Expect {
    fn from(times: u64) -> Expect {
        Expect::exactly(times)
    }
}

impl From<RangeFrom<u64>> for Expect {
    fn from(range: RangeFrom<u64>) -> Expect {
        Expect { min: range.start, max: None }
    }
}

impl From<RangeFull> for Expect {
    fn from(_: RangeFull) -> Expect {
        Expect { min: 0, max: None }
    }
}

impl From<RangeToInclusive<u64>> for Expect {
    fn from(range: RangeToInclusive<u64>) -> Expect {
        Expect { min: 0, max: Some(range.end) }
    }
}

impl From<RangeTo<u64>> for Expect {
    /// # Panics
    /// Panics if the range is empty.
    fn from(range: RangeTo<u64>) -> Expect {
        Expect::from(0..range.end)
    }
}

impl From<RangeInclusive<u64>> for Expect {
    /// # Panics
    /// Panics if the range is empty.
    fn from(range: RangeInclusive<u64>) -> Expect {
        assert!(!range.is_empty(), "an expected number of requests must not be an empty range, found {range:?}");
        Expect { min: *range.start(), max: Some(*range.end()) }
    }
}

impl From<Range<u64>> for Expect {
    /// # Panics
    /// Panics if the range is empty.
    fn from(range: Range<u64>) -> Expect {
        assert!(!range.is_empty(), "an expected number of requests must not be an empty range, found {range:?}");
        Expect { min: range.start, max: Some(range.end - 1) }
    }
}
