//! What the answers know of templates: a string that can be rendered. What compiles them stands in `template`, in
//! programs that have any.

use std::fmt;

use once_cell::sync::OnceCell;

use crate::model::{Fault, KeyPath, Templates};

use super::fault::RenderFault;
use super::template::{Rendering, Uses};
use super::text::{Escape, Names};

/// A string with `{{ }}` in it.
pub(super) trait Template: fmt::Debug + Send + Sync {
    /// Whether it is a single `{{json ..}}`, `{{number ..}}` or `{{boolean ..}}`, which yields that and not text.
    fn is_typed(&self) -> bool;

    fn render(&self, rendering: &Rendering<'_>) -> Result<String, RenderFault>;

    /// A fault of this template.
    fn fault(&self, message: String) -> RenderFault;
}

/// What makes templates.
pub(super) trait Compiler: Send + Sync {
    /// Compiles and checks; `None` after a fault.
    fn compile(
        &self,
        source: &str,
        at: &KeyPath,
        names: Names<'_>,
        escape: Escape,
        uses: &mut Uses,
        faults: &mut Vec<Fault>,
    ) -> Option<Box<dyn Template>>;

    /// Whether a name on its own would call a helper instead of showing a value.
    fn names_a_helper(&self, name: &str) -> bool;
}

/// Set by whoever switches templates on. A pointer, so that a program without any is spared Handlebars and the helpers.
static COMPILER: OnceCell<&dyn Compiler> = OnceCell::new();

impl Templates {
    /// `{{ }}` is a template.
    pub fn on() -> Templates {
        #[cfg(feature = "templates")]
        let _ = COMPILER.set(&super::template::ByHandlebars);
        Templates::carried()
    }
}

/// Compiles a string; `None` after a fault.
pub(super) fn compile(
    source: &str,
    at: &KeyPath,
    names: Names<'_>,
    escape: Escape,
    uses: &mut Uses,
    faults: &mut Vec<Fault>,
) -> Option<Box<dyn Template>> {
    let Some(compiler) = COMPILER.get() else {
        let from = source.find("{{").unwrap_or_default();
        let fault = Fault::value(at, "this build has no templates").labelled("a template").within(from, from + 2);
        faults.push(
            fault.helped("Build Cannery with its feature `templates`, or set `template = false` to send it as it is."),
        );
        return None;
    };
    compiler.compile(source, at, names, escape, uses, faults)
}

pub(super) fn names_a_helper(name: &str) -> bool {
    COMPILER.get().is_some_and(|compiler| compiler.names_a_helper(name))
}
