//! Limits how fast requests are sent.

use std::time::{Duration, Instant};

use crate::units::Rate;

/// Spaces requests evenly. A pause does not allow faster requests after it.
#[derive(Debug)]
pub struct Pace {
    rate: Rate,
    next: Option<Instant>,
}

impl Pace {
    /// Lets the first request be sent at once.
    pub fn new(rate: Rate) -> Pace {
        Pace { rate, next: None }
    }

    /// Returns how long the next request must wait, and counts it as sent after that.
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
