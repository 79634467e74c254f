//! The status, reason and headers of a response, its delay and its delivery.

use std::time::Duration;

use crate::message::{header_value, is_token};
use crate::model::{Delay, Delivery, Fault, KeyPath, Response};

use super::answer::{Answer, AnswerBody};
use super::body::TypedBody;
use super::charset::BodyCharset;
use super::delay;
use super::fault::RenderFault;
use super::seed::Seed;
use super::templating::{Escape, Rendering};
use super::text::{Text, TextCompiler};

/// Everything of a response but its body.
#[derive(Debug)]
pub(super) struct ResponseHead {
    status: u16,
    reason: Option<Text>,
    headers: Vec<(String, Text)>,
    delay: Option<Delay>,
    delivery: Option<Delivery>,
    charset: BodyCharset,
}

impl ResponseHead {
    /// Compiles the head of the response at a path.
    pub(super) fn compile(response: &Response, at: &KeyPath, compiler: &mut TextCompiler<'_>) -> ResponseHead {
        // Without `..`, so that a new field must be compiled here, or named as one that is compiled elsewhere.
        let Response { status, reason, headers: given, body: _, delay, delivery, template: _ } = response;
        let status = status.unwrap_or(200);
        check_status(status, || at.key("status"), compiler.faults);
        let reason = reason.as_ref().map(|reason| line(reason, "a reason phrase", || at.key("reason"), compiler));
        let mut headers = Vec::with_capacity(given.len());
        for (name, values) in given {
            let at = || at.key("headers").key(name);
            if !is_token(name) {
                compiler.faults.push(Fault::key(&at(), format!("`{name}` is not a valid name of a header")));
            }
            for (place, value) in values.iter().enumerate() {
                let at = || if values.len() == 1 { at() } else { at().index(place) };
                headers.push((name.clone(), line(value, "a header", at, compiler)));
            }
        }
        let charset = BodyCharset::from_headers(&headers, at);
        ResponseHead { status, reason, headers, delay: *delay, delivery: *delivery, charset }
    }

    /// Returns the charset for a body whose source is text.
    pub(super) fn charset(&self) -> &BodyCharset {
        &self.charset
    }

    /// Returns the response without a body, if it is the same for every request.
    pub(super) fn constant(&self) -> Option<Answer> {
        let delay = match self.delay {
            None => Duration::ZERO,
            Some(delay) => delay::constant(delay)?,
        };
        let reason = match &self.reason {
            None => None,
            Some(reason) => Some(reason.constant()?.to_owned()),
        };
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        for (name, value) in &self.headers {
            headers.push((name.clone().into(), value.constant()?.to_owned().into()));
        }
        Some(Answer {
            status: self.status,
            reason,
            headers,
            body: AnswerBody::default(),
            delay,
            delivery: self.delivery,
        })
    }

    /// Renders the response without its body.
    pub(super) fn render(&self, rendering: &Rendering<'_>, seed: Seed<'_>) -> Result<Answer, RenderFault> {
        let reason = self.reason.as_ref().map(|reason| self.sendable(reason, "reason", rendering)).transpose()?;
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        for (name, value) in &self.headers {
            headers.push((name.clone().into(), self.sendable(value, name, rendering)?.into()));
        }
        let delay = self.delay.map_or(Duration::ZERO, |delay| delay::sample(delay, seed.value()));
        Ok(Answer { status: self.status, reason, headers, body: AnswerBody::default(), delay, delivery: self.delivery })
    }

    fn sendable(&self, text: &Text, what: &str, rendering: &Rendering<'_>) -> Result<String, RenderFault> {
        let rendered = text.render(rendering)?;
        match text {
            Text::Template(template) if !is_line(&rendered) => Err(template.fault(format!(
                "`{what}` renders to {}, and a control character cannot be sent in a head",
                debug(&rendered)
            ))),
            _ => Ok(rendered.into_owned()),
        }
    }
}

/// Quotes a text with its control characters escaped, truncated if it is long.
fn debug(text: &str) -> String {
    const QUOTED: usize = 240;
    match text.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{:?}...", &text[..at]),
        None => format!("{text:?}"),
    }
}

impl Answer {
    /// Adds a body, and its Content-Type unless the headers have one.
    pub(super) fn with_body(mut self, (media, bytes): TypedBody) -> Answer {
        if header_value(&self.headers, "content-type").is_none() {
            self.headers.push(("Content-Type".into(), media));
        }
        self.body = bytes.into();
        self
    }
}

/// A status below 200 announces a later answer (RFC 9110 §15.2), and a status has three digits.
pub(super) fn check_status(status: u16, at: impl FnOnce() -> KeyPath, faults: &mut Vec<Fault>) {
    if !(200..=999).contains(&status) {
        let fault = Fault::value(&at(), format!("{status} is not a valid status of an answer (200 to 999)"));
        faults.push(fault.with_label("not from 200 to 999"));
    }
}

/// Compiles a text of the head.
fn line(source: &str, what: &str, at: impl Fn() -> KeyPath, compiler: &mut TextCompiler<'_>) -> Text {
    if compiler.is_template(source) {
        return compiler.text(source, &at(), Escape::Nothing);
    }
    if !is_line(source) {
        let bad = source.bytes().position(|byte| !sendable(byte)).unwrap_or_default();
        let fault = Fault::value(&at(), format!("{what} must not contain a control character"));
        compiler.faults.push(fault.with_label("not sendable").within(bad, bad + 1));
    }
    Text::Constant(source.to_owned())
}

/// Whether a head can contain this text: no control characters but tab (RFC 9110 §5.5).
fn is_line(text: &str) -> bool {
    text.bytes().all(sendable)
}

fn sendable(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}
