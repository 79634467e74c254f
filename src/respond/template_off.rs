//! A build without templates: every string with a template is a fault.

use crate::model::Fault;

use super::templating::{Template, TemplateSource, Uses};

/// Reports that this build has no templates.
pub(super) fn compile(
    source: TemplateSource<'_>,
    _uses: &mut Uses,
    faults: &mut Vec<Fault>,
) -> Option<Box<dyn Template>> {
    let from = source.text.find("{{").unwrap_or_default();
    let fault = Fault::value(source.at, "this build has no templates").with_label("a template").within(from, from + 2);
    faults.push(
        fault.with_help("Build Cannery with its feature `templates`, or set `template = false` to send it as it is."),
    );
    None
}

/// Whether a name on its own calls a helper; there are no helpers.
pub(super) fn names_a_helper(_name: &str) -> bool {
    false
}

/// Returns the positions of tags that show something; there are none.
#[cfg_attr(not(feature = "check"), expect(dead_code, reason = "only the room `check` asks"))]
pub(crate) fn output_tags(_source: &str) -> Vec<usize> {
    Vec::new()
}
