//! Texts in languages of their own: regular expressions, JSONPath, XPath, and whether `{{ }}` is a template.
//!
//! What compiles them weighs more than all the rest, and a test program that needs none of it should not carry it: it
//! would take longer to load. So each of these is made only by a constructor that stands beside its compiler and makes
//! the program carry it; none can be made without.

use std::fmt;
use std::ops::Deref;

macro_rules! text_in {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// For the room that compiles it, and has seen to it that the program can.
            pub(crate) fn carried(text: String) -> $name {
                $name(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                $name::from(text.to_owned())
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

/// Whether `{{ }}` in the strings of a response is a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Templates {
    on: bool,
}

impl Templates {
    /// Braces are braces.
    pub const OFF: Templates = Templates { on: false };

    /// For the room that renders them, and has seen to it that the program can.
    pub(crate) fn carried() -> Templates {
        Templates { on: true }
    }

    /// Whether they are.
    pub fn is_on(self) -> bool {
        self.on
    }
}
