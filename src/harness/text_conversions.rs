//! Converts text to a path template, or to a matcher that equals it, so that a builder accepts text for both.
//!
//! The conversions accept every type that the standard library converts to a `String`, because names and texts are
//! `impl Into<String>` in the builders. They also accept `&&str`, the item of an iteration over `&[&str]`.

use std::borrow::Cow;

use crate::model::{Matcher, PathPattern};

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl From<$text> for PathPattern {
            /// A path template such as `/orders/{id}`.
            fn from(template: $text) -> PathPattern {
                PathPattern::Template { template: template.into(), ignore_case: false }
            }
        }

        impl From<$text> for Matcher {
            /// A matcher that is satisfied only by this text.
            fn from(text: $text) -> Matcher {
                Matcher::equals(String::from(text))
            }
        }
    )*};
}

texts!(&str, &mut str, String, &String, Cow<'_, str>, Box<str>, char);

impl From<&&str> for PathPattern {
    /// A path template such as `/orders/{id}`.
    fn from(template: &&str) -> PathPattern {
        PathPattern::from(*template)
    }
}

impl From<&&str> for Matcher {
    /// A matcher that is satisfied only by this text.
    fn from(text: &&str) -> Matcher {
        Matcher::from(*text)
    }
}
