//! What a bare text stands for in the builders: a path template, or a matcher that it equals.
//!
//! Both take the types that the standard library makes a `String` of, because names and texts are taken as
//! `impl Into<String>`; and `&&str`, which iterating over `&[&str]` gives.

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
            /// A matcher that only this text satisfies.
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
    /// A matcher that only this text satisfies.
    fn from(text: &&str) -> Matcher {
        Matcher::from(*text)
    }
}
