//! The names that HTTP, XML and the format itself allow.

use crate::message::is_token;
use crate::model::is_xml_name;

use crate::formats::words::tick;
use crate::formats::written::{Reading, Written};

/// The methods of RFC 9110 and RFC 5789.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// Headers that say how a message is framed, which is the server's to know.
const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

/// A method (RFC 9110 §9.1).
pub(super) fn method(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let text = written.text(reading)?;
    if !is_token(text) {
        let fault = written.fault(format!("{} is no HTTP method", tick(text))).labelled("not a token");
        return reading.refuse(fault.helped("Write one word, such as \"GET\", or a list of them."));
    }
    let upper = text.to_ascii_uppercase();
    if text != upper && METHODS.contains(&upper.as_str()) {
        let fault = written.fault(format!("{} is no HTTP method", tick(text))).labelled("methods respect case");
        return reading.refuse(fault.helped(format!("did you mean {}?", tick(&upper))));
    }
    Some(text.to_owned())
}

/// The name of a header (RFC 9110 §5.1).
pub(super) fn header(name: &str, written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    if !is_token(name) {
        let fault = written.key_fault(format!("{} is no name of a header", tick(name))).labelled("not a token");
        let help = "The name of a header has letters, digits and hyphens, no spaces and no colon.";
        return reading.refuse(fault.helped(help));
    }
    Some(name.to_owned())
}

/// The name of a header that an answer may set.
pub(super) fn answered_header(name: &str, written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    if FRAMING.contains(&name.to_ascii_lowercase().as_str()) {
        let fault = written.key_fault(format!("{} is not a scenario's to set", tick(name)));
        let help = "Leave it out: the server frames every message itself.";
        return reading.refuse(fault.labelled("says how the message is framed").helped(help));
    }
    header(name, written, reading)
}

/// The value of a header: no line break, no NUL (RFC 9110 §5.5).
pub(super) fn header_value(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let text = written.text(reading)?;
    match text.find(['\r', '\n', '\0']) {
        Some(at) => {
            let what = if text[at..].starts_with('\0') { "a NUL" } else { "a line break" };
            let fault = written.fault(format!("{} holds {what}", written.name())).within(at, at + 1);
            reading.refuse(fault.labelled("cannot stand in a header").helped("A list of values repeats the header."))
        }
        None => Some(text.to_owned()),
    }
}

/// A reason phrase, which is one line.
pub(super) fn reason(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let text = written.text(reading)?;
    match text.char_indices().find(|(_, c)| c.is_control() && *c != '\t') {
        Some((at, c)) => {
            let fault = written.fault("a reason phrase is one line of text").within(at, at + c.len_utf8());
            reading.refuse(fault.labelled("a control character"))
        }
        None => Some(text.to_owned()),
    }
}

/// A status code that can end an exchange.
pub(super) fn status(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<u16> {
    let whole = written.whole(reading)?;
    match u16::try_from(whole) {
        Ok(status @ 200..=999) => Some(status),
        Ok(100..=199) => {
            let fault = written.fault(format!("{whole} is an interim status")).labelled("another one must follow it");
            reading.refuse(fault.helped("A stub says the final status, 200 or above."))
        }
        _ => {
            let fault = written.fault(format!("{whole} is no HTTP status")).labelled("not within 200 and 999");
            reading.refuse(fault.helped("A status has three digits, such as 200 or 404."))
        }
    }
}

/// A name of an XML element, without a prefix.
pub(super) fn element(name: &str) -> Result<(), String> {
    if name.contains(':') {
        return Err(format!("{} has a prefix, and the names of elements here are local", tick(name)));
    }
    if is_xml_name(name) && name != "xmlns" {
        Ok(())
    } else {
        Err(format!("{} is no name that XML can carry", tick(name)))
    }
}

/// What is checked of the names of stubs and examples that others refer to.
pub(super) fn stub_name(written: &Written<'_>, reading: &mut Reading<'_>) -> Option<String> {
    let name = written.filled(reading)?;
    match name.find('/') {
        Some(at) => {
            let fault = written.fault("the name of a stub holds a `/`").within(at, at + 1);
            let help = "Leave it out: `/` separates scenario and stub, as in `Prefer: stub=scenario/stub`.";
            reading.refuse(fault.labelled("separates scenario and stub").helped(help))
        }
        None => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_named_as_xml_would() {
        assert!(element("TrackIds").is_ok());
        assert!(element("_é-1.b").is_ok());
        assert!(element("1a").is_err());
        assert!(element("a b").is_err());
        assert!(element("i:nil").is_err());
        assert!(element("").is_err());
    }
}
