//! Checks that a response with the fault `truncate` has a body to cut.

use crate::model::{Body, Delivery, Fault, KeyPath, Response, WireFault};

use super::answer::Answer;
use super::fault::RenderFault;

/// These have no body on the wire (RFC 9110 §6.4.1).
const BODILESS: [u16; 2] = [204, 304];

const TRUNCATE: Option<Delivery> = Some(Delivery::Fault(WireFault::Truncate));

/// Adds a fault if a response with the fault `truncate` is known to have no body.
pub(super) fn check(response: &Response, at: &KeyPath, faults: &mut Vec<Fault>) {
    if response.delivery != TRUNCATE {
        return;
    }
    let is_empty = match &response.body {
        None => true,
        Some(Body::Text(text) | Body::Xml(text)) => text.is_empty(),
        Some(Body::Base64(bytes)) => bytes.is_empty(),
        Some(Body::File(file)) => file.files.iter().all(|(_, bytes)| bytes.is_empty()),
        Some(Body::Json(_) | Body::Document(_)) => false,
    };
    let status = response.status.unwrap_or(200);
    let at = at.key("fault");
    if is_empty {
        let fault = Fault::value(&at, "`fault = \"truncate\"` cuts a body short, and this response has none");
        faults.push(
            fault.with_label("nothing to cut").with_help("Give it a body of at least one byte, or write \"empty\"."),
        );
    } else if BODILESS.contains(&status) {
        let fault = Fault::value(&at, format!("a response of status {status} has no body to cut short"));
        faults.push(fault.with_label("nothing to cut").with_help("Give it another status, or write \"empty\"."));
    }
}

/// Refuses an answer with the fault `truncate` if its templates rendered no body to cut.
pub(super) fn check_rendered(answer: Answer, at: &KeyPath) -> Result<Answer, RenderFault> {
    if answer.delivery == TRUNCATE && (answer.body.is_empty() || BODILESS.contains(&answer.status)) {
        let message = "`fault = \"truncate\"` cuts a body short, and this answer has none";
        return Err(RenderFault::new(&at.key("fault"), message));
    }
    Ok(answer)
}

/// Adds a fault if the results of a batch are never sent.
pub(super) fn check_frame(frame: &Response, at: &KeyPath, faults: &mut Vec<Fault>) {
    if let Some(fault) = frame.delivery.and_then(Delivery::fault).filter(|fault| !fault.sends_response()) {
        let fault = Fault::value(&at.key("fault"), format!("`fault = \"{fault}\"` sends no results of a batch"));
        faults
            .push(fault.with_label("never answers an item").with_help("Leave the `batch` out, or write \"truncate\"."));
    }
}
