//! Reads a batch: one request with many items, each of which succeeds or fails on its own.

use crate::model::{Batch, BatchCase, Body, Fault, Json, KeyPath, Merge, RegexText, Response};

use super::json_value::{json, object, take_status};
use super::matcher::matcher;
use crate::formats::keys::Keys;
use crate::formats::words::tick;
use crate::formats::written::{Reading, Written};

/// Reads a batch without its frame.
pub(super) fn batch(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Batch> {
    let mut keys = Keys::open(written, "a batch", reading)?;
    let items = keys.need("items", reading).and_then(|value| value.filled(reading));
    let captures = keys.take("captures").and_then(|value| value.filled(reading));
    let results = keys.need("results", reading).and_then(|value| value.filled(reading));
    let cases = keys.need("case", reading).and_then(|value| cases(&value, reading));
    let some_failed = keys.take("some_failed").and_then(|value| merge(&value, reading));
    let all_failed = keys.take("all_failed").and_then(|value| merge(&value, reading));
    let none_failed = keys.take("none_failed").and_then(|value| merge(&value, reading));
    keys.finish(reading);
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
fn cases(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Vec<BatchCase>> {
    let written_cases = written.tables("stub.batch.case", reading)?;
    let Some(last) = written_cases.len().checked_sub(1) else {
        return reading.refuse(written.fault("a batch must have at least one case").labelled("no case"));
    };
    let mut cases = Vec::with_capacity(written_cases.len());
    for (place, case) in written_cases.iter().enumerate() {
        let is_conditional = case.node.get("item").is_some();
        if place == last && is_conditional {
            let fault = Fault::key(&case.at.key("item"), "the last case of a batch must not have a condition");
            let help = "Add a case without `item` after it, for the items that no other case is for.";
            reading.faults.push(fault.labelled("leaves items without a result").helped(help));
        }
        if place != last && !is_conditional {
            let fault = case.fault("a case without a condition must be the last").labelled("applies to every item");
            reading.faults.push(fault.helped("The cases after it can never be reached: move it to the end."));
        }
        cases.push(self::case(case, reading));
    }
    cases.into_iter().collect()
}

fn case(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<BatchCase> {
    let mut keys = Keys::open(written, "a case", reading)?;
    let item = keys.take("item").map(|value| matcher(&value, reading));
    let failed = keys.take("failed").map(|value| value.boolean(reading));
    let result = keys.need("result", reading).and_then(|value| json(&value, reading));
    keys.finish(reading);
    Some(BatchCase {
        item: item.map_or(Some(None), |item| item.map(Some))?,
        failed: failed.unwrap_or(Some(false))?,
        result: result?,
    })
}

/// Reads the members that are merged into the document. A whole number under `status` is the status of the response.
fn merge(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<Merge> {
    let mut members = object(written, reading)?;
    let status = match take_status(&mut members) {
        None => None,
        Some(whole) => match u16::try_from(whole).ok().filter(|status| (200..=999).contains(status)) {
            Some(status) => Some(status),
            None => {
                let fault =
                    Fault::value(&written.at.key("status"), format!("{whole} is not a valid HTTP status (200 to 999)"));
                return reading.refuse(fault.labelled("out of range"));
            }
        },
    };
    Some(Merge { status, members })
}

/// Checks that results can be put into the frame: it must have a document that is an object.
pub(super) fn check_frame(frame: &Response, at: &KeyPath, reading: &mut Reading<'_>) {
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
        other => format!("the body of a batch's frame must be `document`, found {}", tick(other)),
    };
    let fault = Fault::key(&at.key(key), message).labelled("the results cannot go into it");
    reading.faults.push(fault.helped("Write further members as `document`, as in `document.Version = 1`."));
}
