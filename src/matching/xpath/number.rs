//! Numbers and texts (XPath 1.0 §4.2, §4.4).

/// Parses a number: digits with an optional point and minus, and white space around it. Anything else is NaN.
pub(super) fn parse_number(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return f64::NAN;
    }
    text.parse().unwrap_or(f64::NAN)
}

/// Writes a number without an exponent, with as many digits as distinguish it from all others.
pub(super) fn to_text(number: f64) -> String {
    if number == 0.0 {
        // This includes negative zero.
        "0".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        number.to_string()
    }
}

/// Rounds to the nearest whole number, halves upwards.
pub(super) fn rounded(number: f64) -> f64 {
    let floor = number.floor();
    let rounded = if number - floor < 0.5 { floor } else { number.ceil() };
    if rounded == 0.0 { rounded.copysign(number) } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written_by_the_recommendation() {
        let read = |text: &str| to_text(parse_number(text));

        for (text, number) in
            [(" 12\n", "12"), ("-1.50", "-1.5"), (".5", "0.5"), ("5.", "5"), ("-0", "0"), ("-.5", "-0.5")]
        {
            assert_eq!(read(text), number, "{text}");
        }
        for text in ["", " ", "1e3", "+1", ".", "-", "- 1", "--1", "inf", "NaN", "1_0", "\u{a0}1", "1 2"] {
            assert_eq!(read(text), "NaN", "{text}");
        }
        assert_eq!(to_text(1e21), "1000000000000000000000");
        assert_eq!(to_text(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(to_text(f64::NEG_INFINITY), "-Infinity");
    }

    #[test]
    fn halves_are_rounded_upwards() {
        for (number, whole) in [(2.5, 3.0), (-2.5, -2.0), (-0.5, 0.0), (0.49999999999999994, 0.0), (-2.6, -3.0)] {
            assert_eq!(rounded(number), whole, "{number}");
        }
        assert!(rounded(f64::NAN).is_nan());
        assert_eq!(rounded(f64::INFINITY), f64::INFINITY);
        assert_eq!(rounded(4503599627370497.5), 4503599627370498.0);
    }
}
