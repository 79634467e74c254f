//! How fast requests go out.

use std::time::{Duration, Instant};

/// The least time from one request to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(Duration);

/// Reads `5/s` or `30/m`.
pub fn parse_rate(text: &str) -> Result<Rate, String> {
    let wrong = || "a rate is a number of requests and a unit, such as 5/s or 30/m".to_owned();
    let (count, unit) = text.trim().split_once('/').ok_or_else(wrong)?;
    let unit = match unit.trim() {
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        _ => return Err(wrong()),
    };
    match count.trim().parse::<u32>() {
        Ok(0) => Err("at no request a second none would ever be sent".to_owned()),
        Ok(count) => Ok(Rate(unit / count)),
        Err(_) => Err(wrong()),
    }
}

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
    use super::*;

    #[test]
    fn a_rate_has_a_unit() {
        assert_eq!(parse_rate("5/s"), Ok(Rate(Duration::from_millis(200))));
        assert_eq!(parse_rate(" 30 / m "), Ok(Rate(Duration::from_secs(2))));
        for wrong in ["5", "0/s", "-1/s", "5/h", "/s", "99999999999/s"] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn requests_keep_their_distance_and_pauses_are_not_made_up_for() {
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::new(parse_rate("10/s").expect("a rate"));

        let waits = [0, 0, 30, 1000, 1000].map(|at| pace.wait(after(at)).as_millis());
        assert_eq!(waits, [0, 100, 170, 0, 100]);
    }
}
