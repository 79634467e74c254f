//! Sizes and durations as people write them.

use std::time::Duration;

const FORM: &str = "a size is a number of bytes, such as 4096, 64KiB or 16MiB";

/// Reads a number of bytes: `16MiB`, `64 KiB`, `1GB`, `4096`.
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
    number.checked_mul(unit).ok_or_else(|| "that is more than can be addressed".to_owned())
}

/// Reads a duration: `10s`, `500ms`, `2m`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    cannery::formats::parse_duration(text.trim())
        .ok_or_else(|| "a duration is a number and its unit, such as 10s, 500ms or 2m".to_owned())
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
}
