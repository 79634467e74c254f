//! Texts in languages of their own: regular expressions, JSONPaths and XPaths.
//!
//! Each has its own type, so that it cannot be mistaken for another one or for plain text. They are not checked here: the
//! room `matching` compiles them and reports errors.

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
    /// The text of a regular expression.
    RegexText
}

text_in! {
    /// The text of a JSONPath (RFC 9535).
    JsonPathText
}

text_in! {
    /// The text of an XPath 1.0.
    XPathText
}
