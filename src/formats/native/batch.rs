//! Reads a batch: one request with many items, where each item succeeds or fails by itself.

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::words::in_backticks;
use crate::model::{Batch, BatchCase, Body, Fault, Json, KeyPath, Merge, RegexText, Response};

use super::json_value::{json, object, take_status};
use super::matcher::matcher;

/// Reads a batch without its frame.
pub(super) fn batch(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Batch> {
    let mut table = TableReader::open(located, "a batch", context)?;
    let items = table.require("items", context).and_then(|value| value.nonempty_text(context));
    let captures = table.take("captures").and_then(|value| value.nonempty_text(context));
    let results = table.require("results", context).and_then(|value| value.nonempty_text(context));
    let cases = table.require("case", context).and_then(|value| cases(&value, context));
    let some_failed = table.take("some_failed").and_then(|value| merge(&value, context));
    let all_failed = table.take("all_failed").and_then(|value| merge(&value, context));
    let none_failed = table.take("none_failed").and_then(|value| merge(&value, context));
    table.finish(context);
    Some(Batch {
        items: items?.into(),
        captures: captures.map(RegexText::from),
        results: results?,
        cases: cases?,
        some_failed,
        all_failed,
        none_failed,
    })
}

/// Reads the cases. Exactly the last one has no condition.
fn cases(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Vec<BatchCase>> {
    let written_cases = located.tables("stub.batch.case", context)?;
    let Some(last) = written_cases.len().checked_sub(1) else {
        return context.refuse(located.fault("a batch must have at least one case").with_label("no case"));
    };
    let mut cases = Vec::with_capacity(written_cases.len());
    for (place, case) in written_cases.iter().enumerate() {
        let is_conditional = case.node.get("item").is_some();
        if place == last && is_conditional {
            let fault = Fault::key(&case.at.key("item"), "the last case of a batch must not have a condition");
            let help = "Add a case without `item` after it, for the items that match no other case.";
            context.faults.push(fault.with_label("leaves items without a result").with_help(help));
        }
        if place != last && !is_conditional {
            let fault = case.fault("a case without a condition must be the last").with_label("applies to every item");
            context.faults.push(fault.with_help("The cases after it can never be reached: move it to the end."));
        }
        cases.push(self::case(case, context));
    }
    cases.into_iter().collect()
}

fn case(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<BatchCase> {
    let mut table = TableReader::open(located, "a case", context)?;
    let item = table.take("item").map(|value| matcher(&value, context));
    let failed = table.take("failed").map(|value| value.boolean(context));
    let result = table.require("result", context).and_then(|value| json(&value, context));
    table.finish(context);
    Some(BatchCase {
        item: item.map_or(Some(None), |item| item.map(Some))?,
        failed: failed.unwrap_or(Some(false))?,
        result: result?,
    })
}

/// Reads the members to merge into the document. A whole number under `status` is the status of the response.
fn merge(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Merge> {
    let mut members = object(located, context)?;
    let status = match take_status(&mut members) {
        None => None,
        Some(whole) => match u16::try_from(whole).ok().filter(|status| (200..=999).contains(status)) {
            Some(status) => Some(status),
            None => {
                let fault =
                    Fault::value(&located.at.key("status"), format!("{whole} is not a valid HTTP status (200 to 999)"));
                return context.refuse(fault.with_label("out of range"));
            }
        },
    };
    Some(Merge { status, members })
}

/// Checks that the results can be put into the frame: its body must be a document that is an object.
pub(super) fn check_frame(frame: &Response, at: &KeyPath, context: &mut ReadContext<'_>) {
    let key = match &frame.body {
        None | Some(Body::Document(Json::Object(_))) => return,
        Some(Body::Document(_)) => "document",
        Some(Body::Json(_)) => "json",
        Some(Body::Xml(_)) => "xml",
        Some(Body::Text(_)) => "text",
        Some(Body::File(_)) => "file",
        Some(Body::Base64(_)) => "base64",
    };
    let message = match key {
        "document" => "the document of a batch's frame must be an object".to_owned(),
        other => format!("the body of a batch's frame must be `document`, found {}", in_backticks(other)),
    };
    let fault = Fault::key(&at.key(key), message).with_label("the results cannot go into it");
    context.faults.push(fault.with_help("Write further members as `document`, as in `document.Version = 1`."));
}
