//! Renders a preview as text. Conditions are rendered as in the 404.

use std::fmt::Write as _;

use crate::message::{Secrets, header_text, header_value, redacted_target, visible};
use crate::model::Timestamp;

use super::explanation_text::{Style, on_demand_line};
use super::preview::{Answering, Preview};
use super::preview_answer::answer_lines;
use super::render_message::MessageRenderer;

/// The most on-demand stubs that are named.
const MAX_ON_DEMAND: usize = 10;

impl Preview {
    /// Returns several lines for people.
    pub fn text(&self, style: Style) -> String {
        let mut text = String::new();
        let secrets = if style.redact { self.secrets() } else { Secrets::default() };
        let renderer = MessageRenderer { style, redaction: secrets.redaction() };
        self.request_lines(&renderer, &mut text);
        match (&self.answering, &self.explanation) {
            (Some(answering), _) => answering.lines(&renderer, &self.request.method, &mut text),
            (None, Some(explanation)) => text.push_str(&format!("\n{}", explanation.text(style))),
            (None, None) => {}
        }
        let which = if self.answering.is_some() { "before it" } else { "tried" };
        for stub in &self.before {
            text.push('\n');
            stub.lines(which, style, &renderer.redaction, &mut text);
        }
        if self.answering.is_some() {
            self.other_stubs(&mut text);
        }
        if let Some(reason) = &self.unfinished {
            let _ = writeln!(text, "\nThe other stubs are not known: {reason}");
        }
        text
    }

    /// Returns the secrets of the request; none if it could not be sent.
    fn secrets(&self) -> Secrets {
        let request = self.request.clone().request(None, Timestamp::UNIX_EPOCH);
        request.as_ref().map(Secrets::from_request).unwrap_or_default()
    }

    fn request_lines(&self, renderer: &MessageRenderer, text: &mut String) {
        let draft = &self.request;
        let target = if renderer.style.redact {
            redacted_target(&draft.target)
        } else {
            (&*draft.target).into()
        };
        let _ = writeln!(text, "request: {} {}", visible(&draft.method), visible(&target));
        draft.headers.iter().for_each(|(name, value)| renderer.header_line(name, &header_text(value), text));
        let media = header_value(&draft.headers, "content-type").map(|value| header_text(value));
        if !draft.body.is_empty() {
            renderer.body_lines(&draft.body, media.as_deref(), text);
        }
    }

    /// Writes how many other stubs were compared, and which of them would also answer.
    fn other_stubs(&self, text: &mut String) {
        let (same, others) = (self.more_same_path, self.more_other_paths);
        if same > 0 {
            let _ = writeln!(text, "\nbefore it: {same} more with the same path, which match less");
        }
        if others > 0 {
            let more = if self.before.is_empty() { "" } else { " more" };
            let whose = if others == 1 { "stub with another path" } else { "stubs with other paths" };
            let _ = writeln!(text, "\nbefore it: {others}{more} {whose}");
        }
        if !self.after.is_empty() {
            text.push_str("\nalso matches, but comes later:\n");
            self.after.iter().for_each(|stub| {
                let _ = writeln!(text, "  {}  ({})", visible(&stub.name), visible(&stub.location()));
            });
            if self.more_after > 0 {
                let _ = writeln!(text, "  and {} more", self.more_after);
            }
        }
        if !self.on_demand.is_empty() {
            on_demand_line(&self.on_demand, MAX_ON_DEMAND, text);
        }
    }
}

impl Answering {
    fn lines(&self, renderer: &MessageRenderer, method: &str, text: &mut String) {
        let dry_run = &self.dry_run;
        text.push('\n');
        self.stub.lines("answers", renderer.style, &renderer.redaction, text);
        if let Some(name) = &dry_run.preferred_as {
            let _ = writeln!(text, "  The request prefers it: `Prefer: stub={}`.", visible(name));
        }
        if let Some((name, times)) = &dry_run.armed {
            let requests = if *times == 1 { "request" } else { "requests" };
            let _ = writeln!(text, "  It is armed as `{}` for {times} {requests}.", visible(name));
        }
        answer_lines(dry_run, renderer, method, text);
        if let Some(transition) = &dry_run.transition {
            let [machine, from, to] = [&transition.machine, &transition.from, &transition.to].map(|name| visible(name));
            let _ = match from == to {
                true => writeln!(text, "\nthen: state of {machine} stays {to}"),
                false => writeln!(text, "\nthen: state of {machine} goes from {from} to {to}"),
            };
        }
    }
}
