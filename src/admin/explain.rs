//! Explains over HTTP which stub would answer a request, and why.

use crate::explain::{Style, preview};
use crate::matching::parse_moment;
use crate::message::{RequestDraft, Unsendable};
use crate::model::KeyPath;

use super::call::{Call, Reply};
use super::fault::AdminFault;

/// The members that the body may have.
const MEMBERS: [&str; 6] = ["method", "url", "headers", "body", "bodyAsBase64", "now"];

/// `POST /explain`: what the server would answer. Nothing is recorded or counted, and no state changes.
///
/// `text` has the same in words; `?colour=true` adds colours.
pub(super) fn explain(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let top = KeyPath::top();
    let json = call.json_object(&MEMBERS)?;
    let style = Style { colour: call.flag("colour")?, redact: false };
    let now = match json.get("now") {
        None => call.request.received_at(),
        Some(now) => now.as_str().and_then(parse_moment).ok_or_else(|| {
            let wanted = "must be a date of RFC 3339, such as 2026-01-31T12:00:00Z";
            AdminFault::field(&top.key("now"), format!("{wanted}, found {now}"))
        })?,
    };
    let draft = RequestDraft::from_json(&json).map_err(|fault| AdminFault::field(&fault.at, fault.message))?;
    let request = draft.request(call.request.client(), now).map_err(|reason| {
        let at = match &reason {
            Unsendable::Method(_) => top.key("method"),
            Unsendable::Word(_) | Unsendable::Target(_) => top.key("url"),
            Unsendable::Header(_) => top.key("headers"),
            Unsendable::Head(_) => top.clone(),
        };
        AdminFault::field(&at, format!("it could not be sent: {reason}"))
    })?;
    if call.hides(&request) {
        return Err(AdminFault::field(&top.key("url"), "the admin API answers this itself"));
    }
    let preview = preview(call.engine, &request, now);
    let mut explanation = preview.to_json();
    explanation.set("text", preview.text(style).into());
    Reply::ok(explanation)
}
