//! Reads and prints how a response is sent: `dribble` and `fault`.

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::words::{did_you_mean, in_backticks};
use crate::model::{Delivery, Dribble, Fault, Json, KeyPath, Response, WireFault};

use super::duration::{self, duration};

/// Reads `dribble` or `fault`, of which one may be given.
pub(super) fn delivery(table: &mut TableReader<'_>, context: &mut ReadContext<'_>) -> Option<Delivery> {
    let given = table.take_among(&["dribble", "fault"]);
    if let [(first, _), (second, value)] = given.as_slice() {
        let fault =
            Fault::key(&value.at, format!("{} and {} cannot be combined", in_backticks(first), in_backticks(second)));
        let help = "Keep one: a dribble sends the whole body, only slowly; a fault keeps it from arriving whole.";
        return context.refuse(fault.with_label("a second way to send it").with_help(help));
    }
    match given.into_iter().next()? {
        ("dribble", value) => dribble(&value, context).map(Delivery::Dribble),
        (_, value) => wire_fault(&value, context).map(Delivery::Fault),
    }
}

fn dribble(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Dribble> {
    let mut table = TableReader::open(located, "a dribble", context)?;
    let chunks = table.require("chunks", context).and_then(|value| {
        let whole = value.whole_number(context)?;
        match u32::try_from(whole).ok().filter(|count| (1..=Dribble::MAX_CHUNKS).contains(count)) {
            Some(count) => Some(count),
            None => {
                let fault = value.fault(format!("`chunks` must be from 1 to {}", Dribble::MAX_CHUNKS));
                context.refuse(fault.with_label("out of range"))
            }
        }
    });
    let over = table.require("over", context).and_then(|value| duration(&value, context));
    table.finish(context);
    Some(Dribble { chunks: chunks?, over: over? })
}

/// Reads a fault of a response, or of the response that an example expects.
pub(super) fn wire_fault(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<WireFault> {
    let text = located.text(context)?;
    let known = WireFault::NAMES.iter().find(|(name, _)| *name == text);
    if let Some((_, fault)) = known {
        return Some(*fault);
    }
    let names = WireFault::NAMES.map(|(name, _)| name);
    let help = did_you_mean(text, names).unwrap_or_else(|| {
        "Write \"reset\", \"empty\", \"garbage\", \"truncate\" or \"stall\", or leave it out.".to_owned()
    });
    context.refuse(located.fault(format!("{} is not a valid fault", in_backticks(text))).with_help(help))
}

/// Prints the key of a delivery and its value.
pub(super) fn print_delivery(delivery: Delivery) -> (&'static str, Json) {
    match delivery {
        Delivery::Fault(fault) => ("fault", Json::from(fault.name())),
        Delivery::Dribble(Dribble { chunks, over }) => {
            let over = Json::from(duration::print(over));
            ("dribble", Json::from([("chunks", Json::from(i64::from(chunks))), ("over", over)]))
        }
    }
}

/// Reports a stub's dribble of a response without a body. For such a response, a dribble in the file's defaults is ignored.
pub(super) fn refuse_idle(own: &Response, merged: &Response, at: &KeyPath, context: &mut ReadContext<'_>) {
    if merged.has_empty_body() && matches!(own.delivery, Some(Delivery::Dribble(_))) {
        let fault = Fault::key(&at.key("dribble"), "a response with `dribble` must have a body");
        context.faults.push(fault.with_label("nothing to send").with_help("Give it a body, or write `delay`."));
    }
}
