//! Renders a number with its noun.

/// Returns a number with its noun, such as `1 stub` or `2 stubs`.
pub fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
