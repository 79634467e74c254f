//! Status, reason and headers of a response, its delay, and how it goes out.

use std::time::Duration;

use bytes::Bytes;

use crate::model::{Delay, Delivery, Fault, KeyPath, Response};

use super::Concrete;
use super::body::Written;
use super::delay;
use super::fault::RenderFault;
use super::template::Rendering;
use super::text::{Compiling, Escape, Text};

/// What a response says before its body.
#[derive(Debug)]
pub(super) struct Head {
    status: u16,
    reason: Option<Text>,
    headers: Vec<(String, Vec<Text>)>,
    delay: Option<Delay>,
    delivery: Option<Delivery>,
}

impl Head {
    /// Compiles the head of the response at a path.
    pub(super) fn compile(response: &Response, at: &KeyPath, compiling: &mut Compiling<'_>) -> Head {
        let status = response.status.unwrap_or(200);
        check_status(status, || at.key("status"), compiling.faults);
        let reason = response.reason.as_ref().map(|reason| {
            let at = at.key("reason");
            let reason = compiling.text(reason, &at, Escape::Nothing);
            check_constant(&reason, "a reason phrase", &at, compiling.faults);
            reason
        });
        let headers = response.headers.iter().map(|(name, values)| {
            let at = at.key("headers").key(name);
            if !is_token(name) {
                compiling.faults.push(Fault::key(&at, format!("`{name}` cannot be the name of a header")));
            }
            let values = values.iter().enumerate().map(|(place, value)| {
                let at = if values.len() == 1 { at.clone() } else { at.index(place) };
                let value = compiling.text(value, &at, Escape::Nothing);
                check_constant(&value, "a header", &at, compiling.faults);
                value
            });
            (name.clone(), values.collect())
        });
        let headers = headers.collect();
        Head { status, reason, headers, delay: response.delay, delivery: response.delivery }
    }

    /// A response without a body yet.
    pub(super) fn render(&self, rendering: &Rendering<'_>, seed: u64) -> Result<Concrete, RenderFault> {
        let reason = self.reason.as_ref().map(|reason| self.sendable(reason, "reason", rendering)).transpose()?;
        let mut headers = Vec::with_capacity(self.headers.len() + 1);
        for (name, values) in &self.headers {
            for value in values {
                headers.push((name.clone(), self.sendable(value, name, rendering)?));
            }
        }
        let delay = self.delay.map_or(Duration::ZERO, |delay| delay::sample(delay, seed));
        Ok(Concrete { status: self.status, reason, headers, body: Bytes::new(), delay, delivery: self.delivery })
    }

    fn sendable(&self, text: &Text, what: &str, rendering: &Rendering<'_>) -> Result<String, RenderFault> {
        let rendered = text.render(rendering)?;
        match text {
            Text::Template(template) if !is_line(&rendered) => Err(template
                .fault(format!("`{what}` renders to {rendered:?}, and a control character cannot be sent in a head"))),
            _ => Ok(rendered.into_owned()),
        }
    }
}

impl Concrete {
    /// Adds a body, and its Content-Type unless the headers have one.
    pub(super) fn with_body(mut self, (media, bytes): Written) -> Concrete {
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            self.headers.push(("Content-Type".to_owned(), media.into_owned()));
        }
        self.body = bytes;
        self
    }
}

/// A status below 200 is only a promise of an answer (RFC 9110 §15.2), and there are three digits.
pub(super) fn check_status(status: u16, at: impl FnOnce() -> KeyPath, faults: &mut Vec<Fault>) {
    if !(200..=999).contains(&status) {
        let fault = Fault::value(&at(), format!("{status} cannot be the status of an answer"));
        faults.push(fault.labelled("not from 200 to 999"));
    }
}

fn check_constant(text: &Text, what: &str, at: &KeyPath, faults: &mut Vec<Fault>) {
    if let Some(value) = text.constant().filter(|value| !is_line(value)) {
        let bad = value.char_indices().find(|(_, c)| !sendable(*c)).map_or(0, |(place, _)| place);
        let fault = Fault::value(at, format!("{what} cannot hold a control character"));
        faults.push(fault.labelled("not sendable").within(bad, bad + 1));
    }
}

/// Whether text can stand in a head: no control characters but tab (RFC 9110 §5.5).
fn is_line(text: &str) -> bool {
    text.chars().all(sendable)
}

fn sendable(c: char) -> bool {
    c == '\t' || !c.is_ascii_control()
}

/// A token of RFC 9110 §5.6.2.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
