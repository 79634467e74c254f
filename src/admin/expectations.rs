//! Whether stubs were called as often as they must be, over HTTP.

use crate::engine::Expectation;
use crate::formats::print_expect;
use crate::model::Json;

use super::fault::AdminFault;
use super::{Call, Reply};

/// `GET /expectations`: the stubs that say how often they must be called, in order of precedence, each with its verdict.
///
/// The counts are exact since the last reset of the journal, whatever was evicted from it.
pub(super) fn expectations(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let all = call.engine.expectations();
    let unmet = all.iter().filter(|expectation| !expectation.is_met()).count();
    Reply::ok(Json::from([
        ("met", (unmet == 0).into()),
        ("unmetCount", unmet.into()),
        ("expectations", Json::Array(all.iter().map(told).collect())),
    ]))
}

/// `text` says all of it to people.
fn told(expectation: &Expectation) -> Json {
    let stub = &expectation.stub;
    Json::from([
        ("id", stub.id.as_str().into()),
        ("name", stub.name.as_str().into()),
        ("scenario", stub.scenario.as_str().into()),
        ("file", (&*stub.place.file).into()),
        ("line", stub.place.line.into()),
        ("expect", print_expect(expectation.expect)),
        ("calls", (expectation.calls as usize).into()),
        ("met", expectation.is_met().into()),
        ("text", expectation.to_string().into()),
    ])
}
