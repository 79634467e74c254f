//! Reads and prints how often a stub must be called: a number, or a range.

use crate::model::{Expect, Json, Number};

use crate::formats::located::{Located, ReadContext};
use crate::formats::table_reader::TableReader;
use crate::formats::tree::Value;

/// Reads `expect`.
pub(super) fn expect(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<Expect> {
    let Value::Table(_) = located.node.value else {
        return count(located, context).map(Expect::exactly);
    };
    let mut table = TableReader::open(located, "`expect`", context)?;
    let min = table.take("min").map(|value| count(&value, context));
    let max = table.take("max").map(|value| count(&value, context));
    table.finish(context);
    let (min, max) = match (min, max) {
        // Unknown keys have been reported.
        (None, None) if located.node.value != Value::Table(Vec::new()) => return None,
        (None, None) => {
            let fault = located.fault("`expect` must have `min` or `max`").with_label("no limit");
            return context.refuse(fault.with_help("Write a number, or a range such as `{ min = 1, max = 3 }`."));
        }
        (min, max) => (min.unwrap_or(Some(0))?, max.map_or(Some(None), |max| max.map(Some))?),
    };
    if max.is_some_and(|max| max < min) {
        let fault = located.fault("`min` must be at most `max`").with_label("no number lies between them");
        return context.refuse(fault.with_help("Write the smaller of the two as `min`."));
    }
    Some(Expect { min, max })
}

fn count(located: &Located<'_>, context: &mut ReadContext<'_>) -> Option<u64> {
    let whole = located.whole_number(context)?;
    match u32::try_from(whole) {
        Ok(count) => Some(count.into()),
        Err(_) => {
            let fault = located.fault(format!("{} must be from 0 to 4294967295", located.name()));
            context.refuse(fault.with_label("out of range"))
        }
    }
}

/// Prints `expect` so that it is read as the same value.
pub(crate) fn print_expect(expect: Expect) -> Json {
    let number = |count: u64| Json::Number(Number::Integer(count.into()));
    match expect {
        Expect { min, max: Some(max) } if min == max => number(min),
        Expect { min: 0, max: Some(max) } => Json::from([("max", number(max))]),
        Expect { min, max: None } => Json::from([("min", number(min))]),
        Expect { min, max: Some(max) } => Json::from([("min", number(min)), ("max", number(max))]),
    }
}
