//! How fast requests go out.

use std::time::{Duration, Instant};

use crate::units::Rate;

/// Spaces requests evenly; what was not used in time is not made up for.
#[derive(Debug)]
pub struct Pace {
    rate: Rate,
    next: Option<Instant>,
}

impl Pace {
    /// The first request goes at once.
    pub fn new(rate: Rate) -> Pace {
        Pace { rate, next: None }
    }

    /// How long the next request has to wait; it counts as sent after that.
    pub fn wait(&mut self, now: Instant) -> Duration {
        let at = self.next.map_or(now, |next| next.max(now));
        self.next = Some(at + self.rate.0);
        at - now
    }
}

#[cfg(test)]
mod tests {
    use crate::units::parse_rate;

    use super::*;

    #[test]
    fn requests_keep_their_distance_and_pauses_are_not_made_up_for() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::new(parse_rate("10/s").expect("a rate"));

        let waits = [0, 0, 30, 1000, 1000].map(|at| pace.wait(after(at)).as_millis());
        assert_eq!(waits, [0, 100, 170, 0, 100]);
    }
}
