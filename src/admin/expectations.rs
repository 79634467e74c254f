//! Whether stubs were called as often as they must be, over HTTP.

use crate::engine::Expectation;
use crate::formats::print_expect;
use crate::model::Json;

use super::call::{Call, Reply};
use super::fault::AdminFault;
use super::stubs::stub_identity;

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
    let mut told = stub_identity(&expectation.stub);
    told.set("expect", print_expect(expectation.expect));
    told.set("calls", (expectation.calls as usize).into());
    told.set("met", expectation.is_met().into());
    told.set("text", expectation.to_string().into());
    told
}
