//! The reason why an answer could not be rendered.

use std::fmt;

use crate::budget::Exceeded;
use crate::message::visible;
use crate::model::KeyPath;

/// A failure while an answer was rendered, with its place in the scenario.
///
/// It becomes a 500 whose body explains it. A template with a missing value must never render an empty text instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderFault {
    /// The place of the text that could not be rendered.
    pub at: KeyPath,
    /// The source of the template, if the text was a template.
    pub template: Option<String>,
    /// The message: lower case, no full stop.
    pub message: String,
    /// The remedy: a sentence.
    pub help: Option<String>,
}

impl RenderFault {
    /// Returns a fault at a path.
    pub(super) fn new(at: &KeyPath, message: impl Into<String>) -> RenderFault {
        RenderFault { at: at.clone(), template: None, message: message.into(), help: None }
    }

    /// Returns the fault that a limit was exceeded at a path.
    pub(super) fn exceeded(at: &KeyPath) -> impl Fn(Exceeded) -> RenderFault {
        move |exceeded| RenderFault::new(at, exceeded.to_string())
    }

    /// Replaces the message by the limit that was exceeded, because the message may be a consequence of that.
    pub(crate) fn because_of(self, exceeded: Exceeded) -> RenderFault {
        RenderFault { message: exceeded.to_string(), help: None, ..self }
    }
}

impl std::error::Error for RenderFault {}

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  at {}", visible(&self.message), visible(&self.at.to_string()))?;
        if let Some(template) = &self.template {
            write!(f, "\n  in the template {}", quoted(template))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", visible(help))?;
        }
        Ok(())
    }
}

/// Quotes a text, truncated if it is long: a template may be a whole file, and a value a whole body.
pub(super) fn quoted(text: &str) -> String {
    const QUOTED: usize = 240;
    match text.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("`{}...`", &text[..at]),
        None => format!("`{text}`"),
    }
}
