//! The names and characters that XML allows.

/// Returns whether a name without a prefix is a valid XML name: an NCName of Namespaces in XML 1.0, §3.
///
/// ```
/// use cannery::model::is_xml_name;
/// assert!(is_xml_name("TrackIds"));
/// assert!(!is_xml_name("1st"));
/// ```
pub fn is_xml_name(name: &str) -> bool {
    // Nearly all names are plain ASCII. Looking at all bytes lets the compiler check many at once.
    if name.bytes().fold(!name.is_empty(), |plain, byte| plain & byte.is_ascii_alphabetic()) {
        return true;
    }
    let mut characters = name.chars();
    characters.next().is_some_and(starts_name)
        && characters.all(|c| {
            starts_name(c)
                || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
        })
}

fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic()
        || matches!(c, '_' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
            | '\u{37f}'..='\u{1fff}' | '\u{200c}' | '\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
            | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// Returns the first character that XML 1.0 cannot contain, not even escaped: a control character that is neither tab nor the
/// end of a line, or a code point that is not a character.
pub fn forbidden_in_xml(text: &str) -> Option<char> {
    // U+FFFE and U+FFFF start with EF, and few others do. Looking at all bytes lets the compiler check many at once.
    let is_special = |byte| matches!(byte, 0..b'\t' | 0x0b | 0x0c | 0x0e..b' ' | 0xef);
    if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return None;
    }
    text.chars().find(|&c| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}'))
}
