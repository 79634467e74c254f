//! Helpers for dates, in UTC or another time zone, and with the time of the [`Context`](crate::respond::Context).

use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::matching::{parse_moment, shift};
use crate::model::{Number, Timestamp};
use crate::respond::charge;
use crate::respond::fault::quoted;

use super::call::{Call, HelperSpec};
use super::failure::{Failure, wrong};
use super::helpers_text::text;
use super::value::{Evaluated, TemplateValue};

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("now", 0, 0, |call| format_moment(call, call.rendering.now()))
        .with(&["offset", "format", "timezone"]),
    HelperSpec::new("date", 1, 1, |call| format_moment(call, moment(call)?)).with(&["offset", "format", "timezone"]),
];

/// The steps of reading and writing a date.
const MOMENT: usize = 100;

/// RFC 3339, a date alone (its midnight), or seconds since 1970.
fn moment(call: &Call<'_>) -> Result<Timestamp, Failure> {
    if let Some(seconds) = call.present(0)?.number() {
        let timestamp = match seconds {
            Number::Integer(seconds) => i64::try_from(seconds).ok().and_then(|seconds| Timestamp::new(seconds, 0)),
            Number::Float(seconds) => Timestamp::from_millisecond((seconds * 1000.0) as i64),
        };
        return timestamp.ok_or_else(|| call.not_a(0, "a moment"));
    }
    let moment = parse_moment(&call.text(0)?);
    moment.ok_or_else(|| call.not_a(0, "a date (RFC 3339, or seconds since 1970)"))
}

fn format_moment(call: &Call<'_>, moment: Timestamp) -> Evaluated<'static> {
    charge::steps(MOMENT)?;
    let moment = match call.option("offset")? {
        Some(offset) => shift(moment, &offset).map_err(wrong)?,
        None => moment,
    };
    let zone = call.option("timezone")?;
    match call.option("format")?.as_deref() {
        None if zone.is_none() => text(moment.to_string()),
        None => formatted(moment, "%Y-%m-%dT%H:%M:%S%.f%:z", zone.as_deref()),
        Some("epoch") => Ok(Some(TemplateValue::from_owned(moment.as_second()))),
        Some("epoch_ms") => Ok(Some(TemplateValue::from_owned(moment.as_millisecond()))),
        // A date of HTTP is in GMT.
        Some("http") => formatted(moment, "%a, %d %b %Y %H:%M:%S GMT", None),
        Some(format) => formatted(moment, format, zone.as_deref()),
    }
}

/// Writes a moment in a time zone, or in UTC.
fn formatted(moment: Timestamp, format: &str, zone: Option<&str>) -> Evaluated<'static> {
    let unusable = |why: jiff::Error| wrong(format!("the format {} cannot be used: {why}", quoted(format)));
    let unknown = |zone| wrong(format!("{} is not a time zone such as `Europe/Berlin`", quoted(zone)));
    let zone = zone.map_or(Ok(TimeZone::UTC), |zone| TimeZone::get(zone).map_err(|_| unknown(zone)))?;
    let nanosecond = i32::try_from(moment.subsec_nanosecond()).unwrap_or_default();
    let moment = jiff::Timestamp::new(moment.as_second(), nanosecond).map_err(unusable)?;
    text(strtime::format(format, &moment.to_zoned_datetime(zone)).map_err(unusable)?)
}
