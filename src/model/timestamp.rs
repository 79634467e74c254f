//! A moment in UTC, to the nanosecond, in the years 0 to 9999.
//!
//! Supports only RFC 3339 and the dates of HTTP, and no time zones but offsets. Templates, which write dates in any form,
//! use a library.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment, compared by time and written as RFC 3339.
///
/// ```
/// use cannery::Timestamp;
///
/// let moment: Timestamp = "2024-06-01T02:00:00.5+02:00".parse().unwrap();
/// assert_eq!(moment.to_string(), "2024-06-01T00:00:00.5Z");
/// assert!(moment > Timestamp::UNIX_EPOCH);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    second: i64,
    nanosecond: u32,
}

/// The error if a text is not a moment of RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidTimestamp;

const A_DAY: i64 = 24 * 60 * 60;

/// The first second of the year 0, and the one after the last of the year 9999.
const SECONDS: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;

impl Timestamp {
    /// The moment 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Timestamp = Timestamp { second: 0, nanosecond: 0 };

    /// Returns the current time of the system clock.
    pub fn now() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let second = i64::try_from(since.as_secs()).unwrap_or(i64::MAX).min(SECONDS.end - 1);
        Timestamp { second, nanosecond: since.subsec_nanos() }
    }

    /// Returns the moment this many seconds and nanoseconds after the start of 1970, or `None` outside the years 0 to 9999.
    pub fn new(second: i64, nanosecond: u32) -> Option<Timestamp> {
        (SECONDS.contains(&second) && nanosecond < 1_000_000_000).then_some(Timestamp { second, nanosecond })
    }

    /// Returns the moment this many milliseconds after the start of 1970, or `None` outside the years 0 to 9999.
    pub fn from_millisecond(millisecond: i64) -> Option<Timestamp> {
        let nanosecond = u32::try_from(millisecond.rem_euclid(1000)).ok()? * 1_000_000;
        Timestamp::new(millisecond.div_euclid(1000), nanosecond)
    }

    /// Returns the whole seconds since the start of 1970.
    pub fn as_second(self) -> i64 {
        self.second
    }

    /// Returns the whole milliseconds since the start of 1970.
    pub fn as_millisecond(self) -> i64 {
        self.second * 1000 + i64::from(self.nanosecond / 1_000_000)
    }

    /// Returns the nanoseconds after the last whole second.
    pub fn subsec_nanosecond(self) -> u32 {
        self.nanosecond
    }

    /// Returns hours, minutes and seconds, such as `10:30:00`.
    #[doc(hidden)]
    pub fn time_of_day(self) -> String {
        let time = self.second.rem_euclid(A_DAY);
        let digit = |number: i64| b'0' + (number % 10) as u8;
        let [hours, minutes, seconds] = [time / 3600, time / 60 % 60, time % 60].map(|n| [digit(n / 10), digit(n)]);
        // Every line of a log has one, and formatting by width takes several times as long.
        let text = [hours[0], hours[1], b':', minutes[0], minutes[1], b':', seconds[0], seconds[1]];
        std::str::from_utf8(&text).expect("digits and colons are text").to_owned()
    }

    /// Returns the moment this many seconds later, or earlier if negative; `None` outside the years 0 to 9999.
    pub(crate) fn plus_seconds(self, seconds: i64) -> Option<Timestamp> {
        Timestamp::new(self.second.checked_add(seconds)?, self.nanosecond)
    }

    /// Returns the same day and time this many months later. If that month is shorter, the day is its last one.
    pub(crate) fn plus_months(self, months: i64) -> Option<Timestamp> {
        let (year, month, day) = date_of(self.second.div_euclid(A_DAY));
        let months = (year * 12 + month - 1).checked_add(months)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        if !(0..=9999).contains(&year) {
            return None;
        }
        let second = days_to(year, month, day.min(days_in(year, month))) * A_DAY + self.second.rem_euclid(A_DAY);
        Timestamp::new(second, self.nanosecond)
    }

    /// Parses a date of RFC 3339. A date and time without an offset is in UTC, and so is a date alone, which is its midnight.
    pub(crate) fn parse_civil(text: &str) -> Option<Timestamp> {
        let (date, rest) = text.split_at_checked(10)?;
        let mut parts = date.split('-');
        let mut part = |len: usize| parts.next().filter(|part| part.len() == len).and_then(digits);
        let days = checked_days(part(4)?, part(2)?, part(2)?)?;
        let Some(time) = rest.strip_prefix(['T', 't', ' ']) else {
            return rest.is_empty().then(|| Timestamp::new(days * A_DAY, 0))?;
        };
        let offset_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
        let (time, offset) = time.split_at(offset_at);
        let offset = if offset.is_empty() { 0 } else { seconds_of_offset(offset)? };
        let (time, fraction) = time.split_once('.').map_or((time, None), |(time, fraction)| (time, Some(fraction)));
        Timestamp::new(days * A_DAY + seconds_of_time(time)? - offset, fraction.map_or(Some(0), nanoseconds)?)
    }

    /// Parses a date of HTTP in any of its three forms (RFC 9110 §5.6.7), such as `Sat, 01 Jun 2024 00:00:00 GMT`.
    pub(crate) fn parse_http(text: &str) -> Option<Timestamp> {
        let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Timestamp::new(i64::try_from(since.as_secs()).ok()?, 0)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Timestamp, InvalidTimestamp> {
        let zoned = text.get(11..).is_some_and(|time| time.contains(['Z', 'z', '+', '-']));
        Timestamp::parse_civil(text).filter(|_| zoned).ok_or(InvalidTimestamp)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.second.div_euclid(A_DAY));
        write!(f, "{year:04}-{month:02}-{day:02}T{}", self.time_of_day())?;
        if self.nanosecond > 0 {
            let fraction = format!("{:09}", self.nanosecond);
            write!(f, ".{}", fraction.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl std::error::Error for InvalidTimestamp {}

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a moment of RFC 3339 such as 2024-06-01T00:00:00Z")
    }
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Parses an offset: `Z`, `+02:00`, `+0200` or `+02`.
fn seconds_of_offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, text) =
        text.strip_prefix('-').map_or_else(|| text.strip_prefix('+').map(|rest| (1, rest)), |rest| Some((-1, rest)))?;
    let (hours, minutes) = text.split_at_checked(2)?;
    let minutes = match minutes.strip_prefix(':').unwrap_or(minutes) {
        "" if minutes.is_empty() => 0,
        minutes => Some(minutes).filter(|minutes| minutes.len() == 2).and_then(digits)?,
    };
    let hours = digits(hours)?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Parses a time: `12:30` or `12:30:59`. A leap second becomes the second before it.
fn seconds_of_time(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| Some(part).filter(|part| part.len() == 2).and_then(digits));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let good = hour < 24 && minute < 60 && second <= 60 && parts.next().is_none();
    good.then_some(hour * 3600 + minute * 60 + second.min(59))
}

fn nanoseconds(fraction: &str) -> Option<u32> {
    let good = (1..=9).contains(&fraction.len());
    u32::try_from(digits(fraction).filter(|_| good)?).ok().map(|number| number * 10_u32.pow(9 - fraction.len() as u32))
}

fn checked_days(year: i64, month: i64, day: i64) -> Option<i64> {
    let good = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    good.then(|| days_to(year, month, day))
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the number of days from 1970-01-01 to a date. Years are counted from March, so that a leap day is the last of
/// its year.
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// Returns the year, month and day this many days after 1970-01-01.
fn date_of(days: i64) -> (i64, i64, i64) {
    const FOUR_CENTURIES: i64 = 146_097;
    let days = days + 719_468;
    let (cycle, of_cycle) = (days.div_euclid(FOUR_CENTURIES), days.rem_euclid(FOUR_CENTURIES));
    let year = (of_cycle - of_cycle / 1460 + of_cycle / 36_524 - of_cycle / (FOUR_CENTURIES - 1)) / 365;
    let day_of_year = of_cycle - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = (from_march + 2) % 12 + 1;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    (cycle * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use jiff::Span;
    use jiff::tz::TimeZone;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::*;

    fn library(moment: Timestamp) -> jiff::Timestamp {
        let nanosecond = i32::try_from(moment.subsec_nanosecond()).expect("under a second");
        jiff::Timestamp::new(moment.as_second(), nanosecond).expect("in range")
    }

    proptest! {
        #[test]
        fn moments_read_and_write_as_the_librarys(second in SECONDS, nanosecond in 0..1_000_000_000_u32, digits in 0..10_u32) {
            let unit = 10_u32.pow(digits.min(9));
            let moment = Timestamp::new(second, nanosecond / unit * unit).expect("in range");

            prop_assert_eq!(moment.to_string(), library(moment).to_string());
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
            prop_assert_eq!(moment.as_millisecond().div_euclid(1000), second);
        }

        #[test]
        fn the_calendar_is_the_librarys(second in SECONDS, months in -3000_i64..3000) {
            let moment = Timestamp::new(second, 0).expect("in range");
            let zoned = library(moment).to_zoned_datetime(TimeZone::UTC);

            let later = zoned.checked_add(Span::new().try_months(months).expect("few")).ok()
                .map(|zoned| zoned.timestamp()).filter(|later| SECONDS.contains(&later.as_second()));
            prop_assert_eq!(moment.plus_months(months).map(library), later);
        }

        #[test]
        fn dates_of_http_are_the_librarys(second in 0..SECONDS.end) {
            let moment = Timestamp::new(second, 0).expect("in range");
            let zoned = library(moment).to_zoned_datetime(TimeZone::UTC);

            for form in ["%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
                prop_assert_eq!(Timestamp::parse_http(&zoned.strftime(form).to_string()), Some(moment));
            }
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), tail in "[-0-9T:.Zz+ ]{0,30}") {
            let _ = Timestamp::parse_civil(&text);
            let _ = Timestamp::parse_civil(&format!("2024-06-01{tail}"));
            let _ = Timestamp::parse_http(&format!("Sat, 01 Jun {tail}"));
            let _ = Timestamp::parse_http(&text);
        }
    }

    #[test]
    fn what_is_read_is_what_rfc_3339_has() {
        let second = |text: &str| text.parse::<Timestamp>().ok().map(Timestamp::as_second);

        assert_eq!(second("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(second("1970-01-01t02:00:00+02:00"), Some(0));
        assert_eq!(second("1969-12-31 23:59:60z"), Some(-1));
        for text in
            ["1970-01-01", "1970-01-01T00:00:00", "1970-02-29T00:00:00Z", "1970-13-01T00:00:00Z", "70-01-01T00:00:00Z"]
        {
            assert_eq!(second(text), None, "{text}");
        }
        for text in
            ["1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+25:00"]
        {
            assert_eq!(second(text), None, "{text}");
        }
        assert_eq!(Timestamp::parse_http("Sun, 01 Jun 2024 00:00:00 GMT"), None);
    }
}
