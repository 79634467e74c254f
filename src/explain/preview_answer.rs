//! Renders the answer of a preview, as text and as JSON.

use std::fmt::Write as _;

use crate::engine::{Answer, DryRunAnswer};
use crate::message::{body_json, header_value, standard_reason, visible};
use crate::model::{Delivery, Json};
use crate::respond::Header;

use super::render_message::MessageRenderer;

/// Writes the answer that would be sent.
pub(super) fn answer_lines(dry_run: &DryRunAnswer, renderer: &MessageRenderer, method: &str, text: &mut String) {
    let answer = &dry_run.answer;
    let silent = answer.fault().filter(|fault| !fault.sends_response());
    let _ = match silent {
        Some(fault) => write!(text, "\nwith: {}", fault.description()),
        None => write!(text, "\nwith: {}", visible(&status_line(answer))),
    };
    if !answer.delay.is_zero() {
        let _ = write!(text, ", after {:?}", answer.delay);
    }
    if let Some((turn, of)) = dry_run.turn {
        let _ = write!(text, " (response {turn} of {of})");
    }
    text.push('\n');
    if silent.is_some() {
        return;
    }
    answer.headers.iter().for_each(|(name, value)| renderer.header_line(name, value, text));
    let media = header_value(&answer.headers, "content-type");
    let body = answer.body.to_bytes();
    match body.len() {
        0 => text.push_str("  (no body)\n"),
        length if method == "HEAD" => {
            let _ = writeln!(text, "\n  (the body of {length} bytes is not sent in answer to HEAD)");
        }
        length => {
            renderer.body_lines(&body, media.map(|value| &**value), text);
            delivery_line(answer.delivery, length, text);
        }
    }
}

fn status_line(answer: &Answer) -> String {
    let reason = answer.reason.as_deref().or_else(|| standard_reason(answer.status)).unwrap_or_default();
    format!("{} {reason}", answer.status).trim_end().to_owned()
}

/// Writes how a body is sent, if it is not sent whole and at once.
fn delivery_line(delivery: Option<Delivery>, length: usize, text: &mut String) {
    let _ = match delivery {
        None => Ok(()),
        Some(Delivery::Dribble(dribble)) => writeln!(text, "\n  (the body is sent in {dribble})"),
        Some(Delivery::Fault(fault)) => {
            let sent = fault.sent_length(length);
            writeln!(text, "\n  (of {length} bytes {sent} are sent, and then the connection is closed)")
        }
    };
}

/// Returns the answer that would be sent.
pub(super) fn answer_json(dry_run: &DryRunAnswer) -> Json {
    let answer = &dry_run.answer;
    let mut json = Json::Object(Vec::new());
    if answer.sends_response() {
        add_sent(answer, &mut json);
    }
    match answer.delivery {
        None => {}
        Some(Delivery::Fault(fault)) => json.set("fault", fault.name().into()),
        Some(Delivery::Dribble(dribble)) => {
            let chunks = usize::try_from(dribble.chunks).unwrap_or(usize::MAX);
            let over = format!("{:?}", dribble.over);
            json.set("dribble", Json::from([("chunks", chunks.into()), ("over", over.into())]));
        }
    }
    if !answer.delay.is_zero() {
        json.set("delay", format!("{:?}", answer.delay).into());
    }
    if let Some((turn, of)) = dry_run.turn {
        json.set("turn", Json::from([("response", turn.into()), ("of", of.into())]));
    }
    if let Some(failure) = &dry_run.failure {
        json.set("failure", failure.trim_end().into());
    }
    json
}

/// Adds status, headers and body.
fn add_sent(answer: &Answer, json: &mut Json) {
    let header = |(name, value): &Header| Json::Array(vec![(&**name).into(), (&**value).into()]);
    json.set("status", usize::from(answer.status).into());
    if let Some(reason) = &answer.reason {
        json.set("reason", reason.as_str().into());
    }
    json.set("headers", Json::Array(answer.headers.iter().map(header).collect()));
    let (name, body) = body_json(&answer.body.to_bytes());
    json.set(name, body);
}
