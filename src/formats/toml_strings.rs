//! Renders strings, keys and other scalars as TOML.

use std::fmt;

use toml_writer::{TomlKeyBuilder, TomlStringBuilder, TomlWrite as _};

use crate::message::{visible, visible_json};

/// Renders a string on one line, without escapes if possible.
pub(super) fn string(text: &str) -> String {
    let builder = TomlStringBuilder::new(text);
    let plain = builder.as_basic_pretty().or_else(|| builder.as_literal()).filter(|_| is_visible(text));
    let string = to_text(|out| out.value(plain.unwrap_or_else(|| builder.as_basic())));
    visible_json(&string).into_owned()
}

/// Renders a string on several lines if nothing but its line ends would need an escape, else on one line.
pub(super) fn lines(text: &str) -> String {
    let builder = TomlStringBuilder::new(text);
    let plain = builder.as_ml_basic_pretty().or_else(|| builder.as_ml_literal());
    match plain.filter(|_| is_visible(&text.replace('\n', ""))) {
        Some(plain) => to_text(|out| out.value(plain)),
        None => string(text),
    }
}

/// Renders a key, without quotes if possible.
pub(super) fn key(name: &str) -> String {
    let builder = TomlKeyBuilder::new(name);
    let key = if is_visible(name) { builder.as_default() } else { builder.as_basic() };
    visible_json(&to_text(|out| out.key(key))).into_owned()
}

/// Returns whether a text has no character that a terminal would obey or hide.
fn is_visible(text: &str) -> bool {
    visible(text) == text
}

/// Returns the text that a function writes.
pub(super) fn to_text(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    write(&mut text).expect("writing to a string never fails");
    text
}
