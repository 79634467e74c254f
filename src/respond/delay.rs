//! The delay of an answer, drawn from the seed of the request.
//!
//! `libm` computes the logarithm and the exponential, because the system's functions differ in their last digits from
//! system to system. A seed must give the same delay everywhere.

use std::time::Duration;

use fastrand::Rng;
use libm::{exp, log};

use crate::model::Delay;

/// The longest delay of an answer.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// The ends of an interval are limited to this, so that a value between them does not overflow.
const LARGEST: Duration = Duration::from_secs(1 << 40);

/// Delays have their own random sequence, so that adding a delay does not change the random values of a body.
const ROW: u64 = 0x0064_656c_6179;

/// Returns the delay of every answer, if it is not drawn at random.
pub(super) fn constant(delay: Delay) -> Option<Duration> {
    match delay {
        Delay::Fixed(time) => Some(time.min(LONGEST)),
        Delay::Uniform(..) | Delay::Lognormal { .. } => None,
    }
}

/// Returns the delay of one answer, which is the same for the same seed.
pub(super) fn sample(delay: Delay, seed: u64) -> Duration {
    let mut rng = Rng::with_seed(seed ^ ROW);
    let drawn = match delay {
        Delay::Fixed(time) => time,
        Delay::Uniform(a, b) => {
            // Only extremely long ends are changed, because they would overflow.
            let (least, most) = (a.min(b).min(LARGEST), a.max(b).min(LARGEST));
            least + (most - least).mul_f64(rng.f64())
        }
        Delay::Lognormal { median, sigma } => {
            let seconds = median.as_secs_f64() * exp(sigma * standard_normal(&mut rng));
            // Zero times an infinite factor is not a number.
            if median.is_zero() {
                median
            } else {
                Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST)
            }
        }
    };
    drawn.min(LONGEST)
}

/// Draws from the standard normal distribution by Marsaglia's polar method, which needs no angles.
fn standard_normal(rng: &mut Rng) -> f64 {
    loop {
        let (x, y) = (2.0 * rng.f64() - 1.0, 2.0 * rng.f64() - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * log(square) / square).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_draws_the_same_delay() {
        let delay = Delay::Uniform(Duration::from_millis(50), Duration::from_secs(1));

        assert_eq!(sample(delay, 7), sample(delay, 7));
        assert_ne!(sample(delay, 7), sample(delay, 8));
    }

    #[test]
    fn a_seed_draws_the_same_delay_on_every_system() {
        let delay = Delay::Lognormal { median: Duration::from_millis(90), sigma: 0.4 };

        assert_eq!([1, 2, 3].map(|seed| sample(delay, seed).as_nanos()), [117_779_124, 94_416_852, 105_496_766]);
    }

    #[test]
    fn a_uniform_delay_stays_between_its_ends() {
        let (least, most) = (Duration::from_millis(50), Duration::from_millis(60));

        assert!((0..1000).all(|seed| (least..=most).contains(&sample(Delay::Uniform(most, least), seed))));
    }

    #[test]
    fn half_of_the_lognormal_delays_are_below_the_median() {
        let median = Duration::from_millis(90);
        let below = (0..10_000).filter(|&seed| sample(Delay::Lognormal { median, sigma: 0.4 }, seed) < median).count();

        assert!((4_700..5_300).contains(&below), "{below} of 10000 are below the median");
    }

    #[test]
    fn no_delay_exceeds_an_hour() {
        let wild = Delay::Lognormal { median: Duration::from_secs(1), sigma: f64::MAX };

        assert!((0..100).all(|seed| sample(wild, seed) <= LONGEST));
        assert_eq!(sample(Delay::Fixed(Duration::MAX), 0), LONGEST);
        assert!((0..100).all(|seed| sample(Delay::Uniform(Duration::MAX, Duration::from_secs(1)), seed) <= LONGEST));
    }
}
