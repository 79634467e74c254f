//! Checks names: of methods, headers, elements and stubs.

use crate::message::is_token;
use crate::model::is_xml_name;

use crate::formats::located::{Located, ReadContext};
use crate::formats::words::in_backticks;

/// The methods of RFC 9110 and RFC 5789.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/// Headers that frame a message. Only the server sets them.
const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

/// Reads a method (RFC 9110 §9.1).
pub(super) fn method(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let text = located.text(context)?;
    if !is_token(text) {
        let fault =
            located.fault(format!("{} is not a valid HTTP method", in_backticks(text))).with_label("not a token");
        return context.refuse(fault.with_help("Write one word, such as \"GET\", or a list of them."));
    }
    let upper = text.to_ascii_uppercase();
    if text != upper && METHODS.contains(&upper.as_str()) {
        let fault = located
            .fault(format!("{} is not a valid HTTP method", in_backticks(text)))
            .with_label("methods are case-sensitive");
        return context.refuse(fault.with_help(format!("did you mean {}?", in_backticks(&upper))));
    }
    Some(text.to_owned())
}

/// Reads the name of a header (RFC 9110 §5.1).
pub(super) fn header(name: &str, located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    if !is_token(name) {
        let fault =
            located.key_fault(format!("{} is not a valid header name", in_backticks(name))).with_label("not a token");
        let help = "A header name has letters, digits and hyphens, without spaces and colons.";
        return context.refuse(fault.with_help(help));
    }
    Some(name.to_owned())
}

/// Reads the name of a header that a response may set.
pub(super) fn response_header(name: &str, located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    if FRAMING.contains(&name.to_ascii_lowercase().as_str()) {
        let fault = located.key_fault(format!("a response must not set {}", in_backticks(name)));
        let help = "Leave it out: the server frames every message itself.";
        return context.refuse(fault.with_label("frames the message").with_help(help));
    }
    header(name, located, context)
}

/// Reads the value of a header, without line breaks and NUL (RFC 9110 §5.5).
pub(super) fn header_value(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let text = located.text(context)?;
    match text.find(['\r', '\n', '\0']) {
        Some(at) => {
            let what = if text[at..].starts_with('\0') { "a NUL" } else { "a line break" };
            let fault = located.fault(format!("{} must not contain {what}", located.name())).within(at, at + 1);
            context
                .refuse(fault.with_label("not allowed in a header").with_help("A list of values repeats the header."))
        }
        None => Some(text.to_owned()),
    }
}

/// Reads a reason phrase, which must be one line.
pub(super) fn reason(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let text = located.text(context)?;
    match text.char_indices().find(|(_, c)| c.is_control() && *c != '\t') {
        Some((at, c)) => {
            let fault = located.fault("a reason phrase must be one line of text").within(at, at + c.len_utf8());
            context.refuse(fault.with_label("a control character"))
        }
        None => Some(text.to_owned()),
    }
}

/// Reads a final status code.
pub(super) fn status(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<u16> {
    let whole = located.whole_number(context)?;
    match u16::try_from(whole) {
        Ok(status @ 200..=999) => Some(status),
        Ok(100..=199) => {
            let fault = located
                .fault(format!("a response must have a final status (200 to 999), found {whole}"))
                .with_label("an interim status");
            context.refuse(fault)
        }
        _ => {
            let fault =
                located.fault(format!("{whole} is not a valid HTTP status (200 to 999)")).with_label("out of range");
            context.refuse(fault.with_help("Write a status of three digits, such as 200 or 404."))
        }
    }
}

/// Checks the name of an XML element, which must not have a prefix.
pub(super) fn element(name: &str) -> Result<(), String> {
    if name.contains(':') {
        return Err(format!("{} must be a local name, without a prefix", in_backticks(name)));
    }
    if is_xml_name(name) && name != "xmlns" {
        Ok(())
    } else {
        Err(format!("{} is not a valid XML name", in_backticks(name)))
    }
}

/// Reads the name of a stub.
pub(super) fn stub_name(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<String> {
    let name = located.nonempty_text(context)?;
    match name.find('/') {
        Some(at) => {
            let fault = located.fault("the name of a stub must not contain `/`").within(at, at + 1);
            let help = "Leave it out: `/` separates scenario and stub, as in `Prefer: stub=scenario/stub`.";
            context.refuse(fault.with_label("separates scenario and stub").with_help(help))
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
