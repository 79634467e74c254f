//! Renders a preview, for people and for programs; conditions are rendered as in the 404.

use std::fmt::Write as _;

use crate::message::{
    Redaction, Secrets, body_json, header_text, header_value, is_secret, redacted_target, standard_reason, strict_text,
    visible, visible_lines,
};
use crate::model::{Delivery, Json, Timestamp};
use crate::respond::Header;

use super::explanation::{on_demand_line, strings};
use super::preview::{Answering, Preview, PreviewedAnswer};
use super::{Answer, NearStub, Style};

/// Longer bodies are cut for people.
const LONGEST_BODY: usize = 2000;

/// How many on-demand stubs are named to people.
const MOST_ON_DEMAND: usize = 10;

impl Preview {
    /// Several lines for people.
    pub fn text(&self, style: Style) -> String {
        let mut text = String::new();
        let shown =
            Shown { style, redaction: if style.redact { self.secrets() } else { Secrets::default() }.redaction() };
        self.request_lines(&shown, &mut text);
        match (&self.answering, &self.explanation) {
            (Some(answering), _) => answering.lines(&shown, &self.request.method, &mut text),
            (None, Some(explanation)) => text.push_str(&format!("\n{}", explanation.text(style))),
            (None, None) => {}
        }
        let which = if self.answering.is_some() { "before it" } else { "asked for" };
        for stub in &self.before {
            text.push('\n');
            stub.lines(which, style, &shown.redaction, &mut text);
        }
        if self.answering.is_some() {
            self.surroundings(&mut text);
        }
        if let Some(reason) = &self.unfinished {
            let _ = writeln!(text, "\nThe other stubs are not known: {reason}");
        }
        text
    }

    /// The same for programs: `answers` is null if no stub does.
    pub fn to_json(&self) -> Json {
        let mut json = Json::from([("request", self.request.to_json())]);
        match &self.answering {
            Some(answering) => answering.to_json(&mut json),
            None => json.set("answers", Json::Null),
        }
        let stubs = |stubs: &[NearStub]| Json::Array(stubs.iter().map(NearStub::json).collect());
        json.set("before", stubs(&self.before));
        let more = [("samePath", self.more_of_the_path.into()), ("otherPath", self.more_of_others.into())];
        json.set("moreBefore", Json::from(more));
        json.set("after", stubs(&self.after));
        json.set("moreAfter", self.more_after.into());
        json.set("onDemand", strings(&self.on_demand));
        if let Some(explanation) = &self.explanation {
            json.set("explanation", explanation.problem());
        }
        if let Some(reason) = &self.unfinished {
            json.set("unfinished", reason.as_str().into());
        }
        json
    }

    /// The secrets of the request, if it is one that could be sent.
    fn secrets(&self) -> Secrets {
        let request = self.request.clone().request(None, Timestamp::UNIX_EPOCH);
        request.as_ref().map(Secrets::from_request).unwrap_or_default()
    }

    fn request_lines(&self, shown: &Shown, text: &mut String) {
        let draft = &self.request;
        let target = if shown.style.redact {
            redacted_target(&draft.target)
        } else {
            (&*draft.target).into()
        };
        let _ = writeln!(text, "request: {} {}", visible(&draft.method), visible(&target));
        draft.headers.iter().for_each(|(name, value)| shown.header_line(name, &header_text(value), text));
        let media = header_value(&draft.headers, "content-type").map(|value| header_text(value));
        if !draft.body.is_empty() {
            shown.body_lines(&draft.body, media.as_deref(), text);
        }
    }

    /// What else there is besides the stub that answers.
    fn surroundings(&self, text: &mut String) {
        let (same, others) = (self.more_of_the_path, self.more_of_others);
        if same > 0 {
            let _ = writeln!(text, "\nbefore it: {same} more of the same path, which are less near");
        }
        if others > 0 {
            let more = if self.before.is_empty() { "" } else { " more" };
            let whose = if others == 1 {
                "stub whose path is another"
            } else {
                "stubs whose paths are others"
            };
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
            on_demand_line(&self.on_demand, MOST_ON_DEMAND, text);
        }
    }
}

impl Answering {
    fn lines(&self, shown: &Shown, method: &str, text: &mut String) {
        text.push('\n');
        self.stub.lines("answers", shown.style, &shown.redaction, text);
        if let Some(name) = &self.preferred_as {
            let _ = writeln!(text, "  The request asks for it by `Prefer: stub={}`.", visible(name));
        }
        if let Some((name, times)) = &self.armed {
            let requests = if *times == 1 { "request" } else { "requests" };
            let _ = writeln!(text, "  It is armed as `{}` for {times} {requests}.", visible(name));
        }
        self.foreseen.lines(shown, method, text);
        if let Some(transition) = &self.transition {
            let [machine, from, to] = [&transition.machine, &transition.from, &transition.to].map(|name| visible(name));
            let _ = match from == to {
                true => writeln!(text, "\nthen: state of {machine} stays {to}"),
                false => writeln!(text, "\nthen: state of {machine} goes from {from} to {to}"),
            };
        }
    }

    fn to_json(&self, json: &mut Json) {
        let mut answers = self.stub.json();
        answers.set("id", self.live.reference.id.as_str().into());
        if let Some(name) = &self.preferred_as {
            answers.set("preferredAs", name.as_str().into());
        }
        if let Some((name, times)) = &self.armed {
            answers.set("armedAs", name.as_str().into());
            answers.set("armed", count(*times).into());
        }
        json.set("answers", answers);
        json.set("response", self.foreseen.to_json());
        if let Some(transition) = &self.transition {
            let members = [
                ("machine", transition.machine.as_str().into()),
                ("from", transition.from.as_str().into()),
                ("to", transition.to.as_str().into()),
            ];
            json.set("transition", Json::from(members));
        }
    }
}

impl PreviewedAnswer {
    fn lines(&self, shown: &Shown, method: &str, text: &mut String) {
        let answer = &self.answer;
        let silent = answer.fault().filter(|fault| !fault.sends_response());
        let _ = match silent {
            Some(fault) => write!(text, "\nwith: {}", fault.description()),
            None => write!(text, "\nwith: {}", visible(&status_line(answer))),
        };
        if !answer.delay.is_zero() {
            let _ = write!(text, ", after {:?}", answer.delay);
        }
        if let Some((turn, of)) = self.turn {
            let _ = write!(text, " (response {turn} of {of})");
        }
        text.push('\n');
        if silent.is_some() {
            return;
        }
        answer.headers.iter().for_each(|(name, value)| shown.header_line(name, value, text));
        let media = header_value(&answer.headers, "content-type");
        let body = answer.body.to_bytes();
        match body.len() {
            0 => text.push_str("  (no body)\n"),
            length if method == "HEAD" => {
                let _ = writeln!(text, "\n  (the body of {length} bytes is not sent in answer to HEAD)");
            }
            length => {
                shown.body_lines(&body, media.map(|value| &**value), text);
                delivery_line(answer.delivery, length, text);
            }
        }
    }

    fn to_json(&self) -> Json {
        let answer = &self.answer;
        let mut json = Json::Object(Vec::new());
        if answer.sends_response() {
            self.response_to_json(&mut json);
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
        if let Some((turn, of)) = self.turn {
            json.set("turn", Json::from([("response", turn.into()), ("of", of.into())]));
        }
        if let Some(failure) = &self.failure {
            json.set("failure", failure.trim_end().into());
        }
        json
    }

    fn response_to_json(&self, json: &mut Json) {
        let answer = &self.answer;
        let header = |(name, value): &Header| Json::Array(vec![(&**name).into(), (&**value).into()]);
        json.set("status", usize::from(answer.status).into());
        if let Some(reason) = &answer.reason {
            json.set("reason", reason.as_str().into());
        }
        json.set("headers", Json::Array(answer.headers.iter().map(header).collect()));
        let (name, body) = body_json(&answer.body.to_bytes());
        json.set(name, body);
    }
}

fn status_line(answer: &Answer) -> String {
    let reason = answer.reason.as_deref().or_else(|| standard_reason(answer.status)).unwrap_or_default();
    format!("{} {reason}", answer.status).trim_end().to_owned()
}

/// How a body goes out that does not go out at once and whole.
fn delivery_line(delivery: Option<Delivery>, length: usize, text: &mut String) {
    let _ = match delivery {
        None => Ok(()),
        Some(Delivery::Dribble(dribble)) => writeln!(text, "\n  (the body comes in {dribble})"),
        Some(Delivery::Fault(fault)) => {
            let sent = fault.sent_length(length);
            writeln!(text, "\n  (of {length} bytes {sent} are sent, and then the connection is closed)")
        }
    };
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// How values are shown: always safe for a terminal, and without secrets if that is asked for.
struct Shown {
    style: Style,
    /// Empty if nothing is left out.
    redaction: Redaction,
}

impl Shown {
    fn header_line(&self, name: &str, value: &str, text: &mut String) {
        let value = match self.style.redact {
            true if is_secret(name) => "(redacted)".into(),
            true => self.redaction.redact(value),
            false => value.into(),
        };
        let _ = writeln!(text, "  {}: {}", visible(name), visible(&value));
    }

    /// A body a line at a time; of one that is not text its length and type.
    fn body_lines(&self, body: &[u8], media: Option<&str>, text: &mut String) {
        text.push('\n');
        // A text has no NUL, however it is encoded.
        let whole = strict_text(body, media).filter(|text| !text.contains('\0'));
        let Some(whole) = whole.as_deref() else {
            let media = visible(media.unwrap_or("no declared type"));
            let _ = writeln!(text, "  ({} bytes of {media})", body.len());
            return;
        };
        let cut = whole.char_indices().nth(LONGEST_BODY).map(|(at, _)| at);
        let beginning = &whole[..cut.unwrap_or(whole.len())];
        let beginning = if self.style.redact {
            self.redaction.redact(beginning)
        } else {
            beginning.into()
        };
        for line in beginning.lines() {
            let _ = writeln!(text, "{}", format!("  {}", visible_lines(line)).trim_end());
        }
        if cut.is_some() {
            let _ = writeln!(text, "  ... ({} bytes in all)", body.len());
        }
    }
}
