//! Parses sizes, durations and rates of the command line.

use std::time::Duration;

const FORM: &str = "must be a number of bytes, such as 4096, 64KiB or 16MiB";

/// Parses a number of bytes: `16MiB`, `64 KiB`, `1GB`, `4096`.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(FORM.to_owned()),
    };
    let number: usize = text[..digits].parse().map_err(|_| FORM.to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "must be a number of bytes that this machine can address".to_owned())
}

/// Parses a duration: `10s`, `500ms`, `2m`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    cannery::formats::parse_duration(text.trim())
        .ok_or_else(|| "must be a number and a unit, such as 10s, 500ms or 2m".to_owned())
}

/// A rate of requests, as the shortest time from one request to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(pub Duration);

/// Parses a rate: `5/s` or `30/m`.
pub fn parse_rate(text: &str) -> Result<Rate, String> {
    let invalid = || "must be a number of requests and a unit, such as 5/s or 30/m".to_owned();
    let (count, unit) = text.trim().split_once('/').ok_or_else(invalid)?;
    let unit = match unit.trim() {
        "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        _ => return Err(invalid()),
    };
    match count.trim().parse::<u32>() {
        Ok(0) => Err("must be at least one request, found 0".to_owned()),
        Ok(count) => Ok(Rate(unit / count)),
        Err(_) => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("16MiB"), Ok(16 * 1024 * 1024));
        assert_eq!(parse_size("64 kb"), Ok(64_000));
        assert_eq!(parse_size("4096"), Ok(4096));
        assert!(parse_size("x").is_err() && parse_size("1 apple").is_err() && parse_size("99999999999999g").is_err());
    }

    #[test]
    fn a_rate_has_a_unit() {
        assert_eq!(parse_rate("5/s"), Ok(Rate(Duration::from_millis(200))));
        assert_eq!(parse_rate(" 30 / m "), Ok(Rate(Duration::from_secs(2))));
        for invalid in ["5", "0/s", "-1/s", "5/h", "/s", "99999999999/s"] {
            assert!(parse_rate(invalid).is_err(), "{invalid}");
        }
    }
}
