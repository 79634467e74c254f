//! Moments, as `before` and `after` compare them, and offsets from now.

use crate::model::Timestamp;

/// A moment as a matcher specifies it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Moment {
    At(Timestamp),
    FromNow(Vec<(i64, Unit)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl Moment {
    /// Reads `2026-01-31T12:00:00Z`, `now` or `now +2 days -1 hour`.
    pub(crate) fn parse(text: &str) -> Result<Moment, String> {
        let text = text.trim();
        match text.strip_prefix("now") {
            Some(offset) => offsets(offset).map(Moment::FromNow),
            None => parse_moment(text)
                .map(Moment::At)
                .ok_or_else(|| format!("`{text}` is neither an RFC 3339 date nor an offset such as `now +2 days`")),
        }
    }

    pub(crate) fn resolve(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Moment::At(at) => Some(*at),
            Moment::FromNow(offsets) => add_all(now, offsets),
        }
    }
}

/// Reads a date of RFC 3339, a date or date-time without an offset (taken as UTC), or an HTTP date.
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    Timestamp::parse_civil(text).or_else(|| Timestamp::parse_http(text))
}

/// Moves a moment by an offset such as `+2 days` or `-1 month +3 hours`.
///
/// # Errors
/// Fails if the offset is not valid, or if the result is outside the years that can be written.
pub fn shift(moment: Timestamp, offset: &str) -> Result<Timestamp, String> {
    let offsets = offsets(offset)?;
    add_all(moment, &offsets).ok_or_else(|| format!("the offset `{offset}` leads to a date that is out of range"))
}

fn add_all(moment: Timestamp, offsets: &[(i64, Unit)]) -> Option<Timestamp> {
    offsets.iter().try_fold(moment, |moment, (amount, unit)| {
        let seconds = |each: i64| moment.plus_seconds(amount.checked_mul(each)?);
        match unit {
            Unit::Seconds => seconds(1),
            Unit::Minutes => seconds(60),
            Unit::Hours => seconds(60 * 60),
            Unit::Days => seconds(24 * 60 * 60),
            Unit::Weeks => seconds(7 * 24 * 60 * 60),
            Unit::Months => moment.plus_months(*amount),
            Unit::Years => moment.plus_months(amount.checked_mul(12)?),
        }
    })
}

fn offsets(text: &str) -> Result<Vec<(i64, Unit)>, String> {
    let wrong = || format!("`{}` is not an offset such as `+2 days`", text.trim());
    let mut offsets = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let past_number = |(_, c): &(usize, char)| !c.is_ascii_digit() && *c != ' ';
        let number_end = rest.char_indices().skip(1).find(past_number).map_or(rest.len(), |(at, _)| at);
        let (number, after) = rest.split_at(number_end);
        let digits: String = number.chars().filter(|c| *c != ' ').collect();
        let signed = digits.starts_with(['+', '-']) || offsets.is_empty();
        let amount: i64 = digits.parse().ok().filter(|_| signed).ok_or_else(wrong)?;
        let unit_end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let unit = match after[..unit_end].to_ascii_lowercase().trim_end_matches('s') {
            "second" => Unit::Seconds,
            "minute" => Unit::Minutes,
            "hour" => Unit::Hours,
            "day" => Unit::Days,
            "week" => Unit::Weeks,
            "month" => Unit::Months,
            "year" => Unit::Years,
            _ => return Err(wrong()),
        };
        offsets.push((amount, unit));
        rest = after[unit_end..].trim();
    }
    Ok(offsets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn at(text: &str) -> Timestamp {
        parse_moment(text).expect(text)
    }

    #[test]
    fn offsets_from_now_follow_the_calendar() {
        let now = at("2024-01-31T12:00:00Z");

        let resolved = |text: &str| Moment::parse(text).expect(text).resolve(now).map(|moment| moment.to_string());
        assert_eq!(resolved("now").as_deref(), Some("2024-01-31T12:00:00Z"));
        assert_eq!(resolved("now +1 month").as_deref(), Some("2024-02-29T12:00:00Z"));
        assert_eq!(resolved("now - 2 days +1 hour").as_deref(), Some("2024-01-29T13:00:00Z"));
        assert_eq!(resolved("2024-06-01T02:00:00+02:00").as_deref(), Some("2024-06-01T00:00:00Z"));
    }

    #[test]
    fn dates_come_in_several_forms() {
        assert_eq!(at("2024-06-01"), at("2024-06-01T00:00:00Z"));
        assert_eq!(at("Sat, 01 Jun 2024 00:00:00 GMT"), at("2024-06-01T00:00:00Z"));
        assert_eq!(parse_moment("yesterday"), None);
    }

    #[test]
    fn an_invalid_moment_is_refused() {
        assert!(Moment::parse("now +2").is_err());
        assert!(Moment::parse("now +2 days 3 hours").is_err());
        assert!(Moment::parse("nowhere").is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in any::<String>(), amount in any::<i64>()) {
            let _ = Moment::parse(&text);
            let _ = Moment::parse(&format!("now {text}"));
            let _ = shift(Timestamp::UNIX_EPOCH, &format!("{amount} years"));
        }
    }
}
