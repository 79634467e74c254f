//! The log: a line on stderr for each request, with an explanation if no stub has answered. Secrets are redacted.

use std::cell::RefCell;
use std::fmt::Write as _;

use cannery::explain::Style;
use cannery::journal::{Entry, Outcome};
use cannery::message::{Secrets, redacted_target, visible, visible_lines};
use cannery::model::{Delivery, Json, Timestamp, WireFault};
use cannery::server::{Observed, Observer};

use crate::args::LogFormat;
use crate::output::{eprint, eprint_json, eprint_lines, shows_colours};

/// Logs each exchange in its format.
#[derive(Debug)]
pub struct RequestLog {
    format: LogFormat,
    /// Whether a terminal shows colours. Writing them and stripping them again would double the cost of a line.
    colours: bool,
}

impl RequestLog {
    /// Returns a log on stderr.
    pub fn new(format: LogFormat) -> RequestLog {
        RequestLog { format, colours: shows_colours() }
    }
}

/// Logs an event of the server itself.
pub fn notice(format: LogFormat, event: &str, message: &str) {
    match format {
        LogFormat::Text | LogFormat::Off => eprint(message),
        LogFormat::Json => eprint_json(&Json::from([
            ("time", Timestamp::now().to_string().into()),
            ("event", event.into()),
            ("message", message.into()),
        ])),
    }
}

/// Logs each panic as a line in the format of the log, in addition to the line of the request.
pub fn log_panics(format: LogFormat) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {place}"));
        let message = panic.payload_as_str().unwrap_or("without a message");
        notice(format, "panic", &format!("an internal error in Cannery: panicked{place}: {}", visible(message)));
    }));
}

impl Observer for RequestLog {
    fn exchange(&self, observed: &Observed<'_>) {
        match self.format {
            LogFormat::Off => {}
            LogFormat::Json => eprint_json(&as_json(observed)),
            LogFormat::Text => LINES.with_borrow_mut(|lines| {
                lines.begin(observed.entry.received_at);
                write_text(observed, self.colours, &mut lines.text);
                eprint_lines(&lines.text);
                lines.text.shrink_to(KEPT);
            }),
        }
    }
}

thread_local! {
    /// Each thread builds its lines in this buffer, one exchange after another.
    static LINES: RefCell<Lines> = const { RefCell::new(Lines { text: String::new(), second: None, time: String::new() }) };
}

/// The lines of one exchange.
struct Lines {
    text: String,
    /// The second of the previous exchange, and its time of day. Many exchanges have the same second.
    second: Option<i64>,
    time: String,
}

impl Lines {
    /// Starts the first line with the time of the request.
    fn begin(&mut self, at: Timestamp) {
        if self.second != Some(at.as_second()) {
            (self.second, self.time) = (Some(at.as_second()), at.time_of_day());
        }
        self.text.clear();
        self.text.push_str(&self.time);
    }
}

/// The maximum capacity of the buffer that is reused for the next exchange.
const KEPT: usize = 4096;

/// Writes everything after the time.
fn write_text(observed: &Observed<'_>, colours: bool, text: &mut String) {
    let entry = observed.entry;
    let fault = observed.delivery.and_then(Delivery::fault);
    let colour = match observed.status {
        _ if fault.is_some() => "\x1b[31m",
        200..=299 => "\x1b[32m",
        300..=399 => "\x1b[36m",
        400..=499 => "\x1b[33m",
        _ => "\x1b[31m",
    };
    let (colour, plain) = if colours { (colour, "\x1b[0m") } else { ("", "") };
    let target = entry.head.target_text();
    // `write!` is avoided, because it is slow and every request writes a line.
    let target = redacted_target(&target);
    for piece in [" ", &visible(entry.head.method()), " ", &visible(&target), " ", colour] {
        text.push_str(piece);
    }
    let sent = fault.is_none_or(WireFault::sends_response);
    if sent {
        push_number(text, observed.status.into());
    }
    if let Some(fault) = fault {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}{fault}", if sent { " " } else { "" });
    }
    text.push_str(plain);
    text.push(' ');
    answered_by(entry, text);
    let tenths = (observed.took.as_micros() as u64 + 50) / 100;
    text.push_str(" (");
    push_number(text, tenths / 10);
    text.push('.');
    push_number(text, tenths % 10);
    text.push_str(" ms");
    if !observed.delay.is_zero() {
        let _ = write!(text, " + {:?} delay", observed.delay);
    }
    if let Some(Delivery::Dribble(dribble)) = observed.delivery {
        let _ = write!(text, " + {:?} dribble", dribble.over);
    }
    text.push_str(")\n");
    if observed.explained_before {
        text.push_str("         (explained above)\n");
    } else if let Some(explanation) = observed.explanation {
        let style = Style { colour: colours, redact: true };
        explanation.text(style).lines().skip(1).filter(|line| !line.is_empty()).for_each(|line| {
            text.push_str(&format!("         {line}\n"));
        });
    }
    if let Some(failure) = observed.failure.filter(|_| entry.stub().is_some()) {
        let secrets = Secrets::from_request(&entry.request());
        visible_lines(&secrets.redacted(failure.trim_end())).lines().for_each(|line| {
            text.push_str(&format!("         {line}\n"));
        });
    }
}

fn push_number(text: &mut String, number: u64) {
    if number > 9 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

fn answered_by(entry: &Entry, text: &mut String) {
    match &entry.outcome {
        Outcome::Stub(stub) => {
            text.push_str(&visible(&stub.scenario));
            text.push('/');
            text.push_str(&visible(&stub.name));
        }
        Outcome::Unmatched => text.push_str("no stub"),
        Outcome::Refused(reason) => {
            text.push_str("refused: ");
            text.push_str(&visible(&Secrets::from_request(&entry.request()).redacted(reason)));
        }
        Outcome::Preflight => text.push_str("preflight"),
    }
}

fn as_json(observed: &Observed<'_>) -> Json {
    let entry = observed.entry;
    let fault = observed.delivery.and_then(Delivery::fault);
    let sent = fault.is_none_or(WireFault::sends_response);
    let mut line = Json::from([
        ("time", entry.received_at.to_string().into()),
        ("id", entry.id().into()),
        ("method", entry.head.method().into()),
        ("target", (&*redacted_target(&entry.head.target_text())).into()),
        ("status", if sent { usize::from(observed.status).into() } else { Json::Null }),
        ("matched", entry.stub().is_some().into()),
        ("tookMicroseconds", (observed.took.as_micros() as usize).into()),
        ("delayMilliseconds", (observed.delay.as_millis() as usize).into()),
        ("requestBytes", entry.body.len().into()),
        ("responseBytes", observed.length.map_or(Json::Null, Json::from)),
    ]);
    match observed.delivery {
        None => {}
        Some(Delivery::Fault(fault)) => line.set("fault", fault.name().into()),
        Some(Delivery::Dribble(dribble)) => line.set("dribbleMilliseconds", (dribble.over.as_millis() as usize).into()),
    }
    match &entry.outcome {
        Outcome::Stub(stub) => {
            line.set("stub", stub.name.as_str().into());
            line.set("scenario", stub.scenario.as_str().into());
            line.set("file", (&*stub.place.file).into());
            line.set("line", stub.place.line.into());
        }
        Outcome::Refused(reason) => {
            line.set("refused", (&*Secrets::from_request(&entry.request()).redacted(reason)).into());
        }
        Outcome::Preflight => line.set("answeredBy", "cors".into()),
        Outcome::Unmatched => {}
    }
    if let Some(explanation) = observed.explanation {
        line.set("explanation", explanation.text(Style { colour: false, redact: true }).into());
    }
    if let Some(failure) = observed.failure {
        let secrets = Secrets::from_request(&entry.request());
        line.set("failure", (&*secrets.redacted(failure.trim_end())).into());
    }
    line
}
