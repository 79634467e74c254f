//! Texts in languages of their own: regular expressions, JSONPaths and XPaths.
//!
//! Each is a type of its own, so that one is never passed for another or for plain text. None is checked here: the room
//! `matching` compiles them and reports what is wrong.

use std::fmt;
use std::ops::Deref;

macro_rules! text_in {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl From<String> for $name {
            fn from(text: String) -> $name {
                $name(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name(text.to_owned())
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_in! {
    /// A regular expression as it was written.
    RegexText
}

text_in! {
    /// A JSONPath (RFC 9535) as it was written.
    JsonPathText
}

text_in! {
    /// An XPath 1.0 as it was written.
    XPathText
}
