//! Reads a path pattern, and checks the template in it.

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::tree::Value;
use crate::formats::words::{did_you_mean, in_backticks};
use crate::message::{parse_path_template, placeholder_name, placeholder_remedy};
use crate::model::{Fault, KeyPath, PathPattern, RequestPattern};

use super::matcher::matcher;

/// Reads a path: a bare string is a template, and a table has a template or is a matcher.
pub(super) fn path(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<PathPattern> {
    match &located.node.value {
        Value::String(_) => {
            let template = template(located, context)?;
            Some(PathPattern::Template { template, ignore_case: false })
        }
        Value::Table(_) if located.node.get("template").is_some() => {
            let mut table = TableReader::open(located, "a path with a template", context)?;
            let template = table.take("template").and_then(|value| template(&value, context));
            let ignore_case = table.take("ignore_case").map(|value| value.boolean(context));
            table.finish(context);
            Some(PathPattern::Template { template: template?, ignore_case: ignore_case.unwrap_or(Some(false))? })
        }
        Value::Table(_) => matcher(located, context).map(PathPattern::Matcher),
        _ => {
            let fault = located.wrong_type("a path template, or a table with a template or a matcher");
            context.refuse(fault.with_help("Write a path such as \"/orders/{id}\"."))
        }
    }
}

fn template(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let text = located.text(context)?;
    match parse_path_template(text) {
        Ok(_) => Some(text.to_owned()),
        Err(error) => context.refuse(error.fault(&located.at)),
    }
}

/// Returns the names of a template's placeholders, in order; `None` if it is not a template.
fn names(template: &str) -> Option<Vec<&str>> {
    let segments = parse_path_template(template).ok()?;
    Some(segments.iter().filter_map(|segment| placeholder_name(&segment.shape)).collect())
}

/// Reports each name in `path_params` that is not a placeholder of the path. `pattern` includes the defaults of the file,
/// `own` does not.
///
/// If the name is from the defaults and the path is the stub's own, the fault is at the stub's path.
pub(super) fn check_params(
    pattern: &RequestPattern,
    own: &RequestPattern,
    at: &KeyPath,
    context: &mut ReadContext<'_>,
) {
    if pattern.path_params.is_empty() {
        return;
    }
    let placeholders = match &pattern.path {
        Some(PathPattern::Template { template, .. }) => names(template),
        _ => None,
    };
    for (name, _) in &pattern.path_params {
        if placeholders.as_ref().is_some_and(|placeholders| placeholders.contains(&name.as_str())) {
            continue;
        }
        let is_own = own.path_params.iter().any(|(own, _)| own == name);
        let message = format!("the path has no placeholder {}", in_backticks(name));
        let fault = if !is_own && own.path.is_some() {
            Fault::value(&at.key("path"), format!("{message}, but the file's `path_params` have it"))
        } else {
            Fault::key(&at.key("path_params").key(name), message)
        };
        context.faults.push(fault.with_label("no such placeholder").with_help(remedy(name, placeholders.as_deref())));
    }
}

fn remedy(name: &str, placeholders: Option<&[&str]>) -> String {
    let near = did_you_mean(name, placeholders.unwrap_or_default().iter().copied());
    near.unwrap_or_else(|| placeholder_remedy(placeholders))
}
