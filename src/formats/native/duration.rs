//! Reads and prints durations such as `"250ms"`, `"1.5s"`, `"2m"` and `"1h"`.

use std::time::Duration;

use crate::formats::located::{Located, ReadContext};
use crate::formats::tree::Value;
use crate::formats::words::in_backticks;

/// The units by name. `ms` is before `s`, because a text that ends with `ms` also ends with `s`.
const UNITS: [(&str, u128); 4] = [("ms", 1_000_000), ("s", SECOND), ("m", 60 * SECOND), ("h", 3600 * SECOND)];
const SECOND: u128 = 1_000_000_000;

/// The longest delay.
const MAX_DELAY: Duration = Duration::from_secs(3600);

const FORM: &str = "Write a number and its unit, as in \"250ms\", \"1.5s\", \"2m\" or \"1h\".";

/// Reads a duration of at most an hour.
pub(super) fn duration(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Duration> {
    if let Value::Integer(number) = located.node.value {
        let fault = located.fault(format!("{} must have a unit", located.name())).with_label("no unit");
        return context
            .refuse(fault.with_help(format!("Write its unit with it, as in \"{number}ms\" or \"{number}s\".")));
    }
    let text = match &located.node.value {
        Value::String(text) => text,
        _ => return context.refuse(located.wrong_type("a duration").with_help(FORM)),
    };
    match parse_duration(text) {
        None => {
            context.refuse(located.fault(format!("{} is not a valid duration", in_backticks(text))).with_help(FORM))
        }
        Some(long) if long > MAX_DELAY => context.refuse(
            located.fault(format!("{} must be at most an hour", located.name())).with_label("more than an hour"),
        ),
        Some(duration) => Some(duration),
    }
}

/// Parses a duration, and returns `None` for anything else. The result is exact: no floating point is used.
///
/// ```
/// use cannery::formats::parse_duration;
/// assert_eq!(parse_duration("1.5s"), Some(std::time::Duration::from_millis(1500)));
/// assert_eq!(parse_duration("soon"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (digits, unit) = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole, 12) || !all_digits(fraction, 9) {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let nanos = whole.parse::<u128>().ok()? * unit + fraction.parse::<u128>().ok()? * unit / scale;
    Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
}

/// Prints a duration so that [`parse_duration`] returns the same.
pub(super) fn print(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    if nanos.is_multiple_of(SECOND) {
        return format!("{}s", nanos / SECOND);
    }
    let (whole, fraction) = (nanos / 1_000_000, nanos % 1_000_000);
    if fraction == 0 {
        return format!("{whole}ms");
    }
    format!("{}ms", format!("{whole}.{fraction:06}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_unit_are_a_duration() {
        assert_eq!(parse_duration("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse_duration("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(parse_duration("1h"), Some(Duration::from_secs(3600)));
        assert_eq!(parse_duration("0s"), Some(Duration::ZERO));
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "s", "1", "1 s", "-1s", "1.s", ".5s", "1e3s", "1d", "٣s", "99999999999999999999s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_as_it_was() {
        for nanos in [0, 1, 999, 1_000_000, 1_500_000, 90_000_000_000, 3_600_000_000_000] {
            let duration = Duration::from_nanos(nanos);

            assert_eq!(parse_duration(&print(duration)), Some(duration));
        }
    }
}
