//! Logarithm and exponential, for delays that are drawn.
//!
//! Those of the system's library differ in their last digits from system to system, and so would what follows from a
//! seed; and every test program would load that library for them.

use std::f64::consts::{LN_2, SQRT_2};

/// The first digits of `LN_2`, of which small multiples are exact, and the rest.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// The natural logarithm of a positive number that is neither infinite nor subnormal.
pub(super) fn ln(number: f64) -> f64 {
    const FRACTION: u64 = (1 << 52) - 1;
    const ONE: u64 = 1023;
    let bits = number.to_bits();
    let mut power = (bits >> 52) as i64 - ONE as i64;
    let mut fraction = f64::from_bits(bits & FRACTION | ONE << 52);
    if fraction > SQRT_2 {
        fraction /= 2.0;
        power += 1;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), as a series.
    let ratio = (fraction - 1.0) / (fraction + 1.0);
    let square = ratio * ratio;
    let series = (0..12).rev().fold(0.0, |sum, term| sum * square + 1.0 / f64::from(2 * term + 1));
    power as f64 * LN_2 + 2.0 * ratio * series
}

/// e to the power of a number; infinite where that is too large, 0 where it is too small.
pub(super) fn exp(number: f64) -> f64 {
    const MOST: f64 = 709.0;
    if number.is_nan() {
        return number;
    } else if number > MOST {
        return f64::INFINITY;
    } else if number < -MOST {
        return 0.0;
    }
    let power = (number / LN_2 + 0.5_f64.copysign(number)) as i64;
    let rest = number - power as f64 * LN_2_HIGH - power as f64 * LN_2_LOW;
    let series = (1..15).rev().fold(1.0, |sum, term| 1.0 + sum * rest / f64::from(term));
    series * f64::from_bits(((power + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    proptest! {
        #[test]
        fn they_are_those_of_the_system(number in -700.0..700.0f64, positive in 1e-300..1e300f64, small in 1e-9..2.0f64) {
            assert!((exp(number) / number.exp() - 1.0).abs() < 1e-14, "exp({number})");
            for positive in [positive, small] {
                let error = (ln(positive) - positive.ln()).abs();
                assert!(error <= 1e-15 * positive.ln().abs().max(1.0), "ln({positive})");
            }
        }
    }

    #[test]
    fn what_is_out_of_range_is_infinite_or_nothing() {
        assert_eq!((exp(710.0), exp(-710.0), exp(f64::INFINITY), exp(0.0)), (f64::INFINITY, 0.0, f64::INFINITY, 1.0));
        assert!(exp(f64::NAN).is_nan());
        assert_eq!(ln(1.0), 0.0);
    }
}
