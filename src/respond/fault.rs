//! Why an answer could not be made of what the scenario says.

use std::fmt;

use crate::message::visible;
use crate::model::KeyPath;

/// What failed while an answer was made, and where in the scenario it is written.
///
/// It becomes a 500 whose body explains it: a template that has nothing to show must never be answered as if it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderFault {
    /// Where the text stands that could not be rendered.
    pub at: KeyPath,
    /// The template as written, where it was one.
    pub template: Option<String>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What would be right: a sentence.
    pub help: Option<String>,
}

impl RenderFault {
    /// A fault of what stands at a path.
    pub(super) fn new(at: &KeyPath, message: impl Into<String>) -> RenderFault {
        RenderFault { at: at.clone(), template: None, message: message.into(), help: None }
    }
}

impl std::error::Error for RenderFault {}

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  at {}", visible(&self.message), visible(&self.at.to_string()))?;
        if let Some(template) = &self.template {
            write!(f, "\n  in the template {}", visible(&shortened(template)))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", visible(help))?;
        }
        Ok(())
    }
}

/// A template that is a whole file is quoted by its beginning.
fn shortened(template: &str) -> String {
    const QUOTED: usize = 240;
    match template.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("`{}...`", &template[..at]),
        None => format!("`{template}`"),
    }
}
