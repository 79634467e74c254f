//! Reports over HTTP whether the expectations of stubs are met.

use crate::engine::Expectation;
use crate::formats::print_expect;
use crate::model::Json;

use super::call::{Call, Reply};
use super::fault::AdminFault;
use super::stubs::stub_identity;

/// `GET /expectations`: the stubs that have an `expect`, in order of precedence, each with its verdict.
///
/// The counts are exact since the last reset of the journal. Evictions do not change them.
pub(super) fn expectations(call: &Call<'_>) -> Result<Reply, AdminFault> {
    let all = call.engine.expectations();
    let unmet = all.iter().filter(|expectation| !expectation.is_met()).count();
    Reply::ok(Json::from([
        ("met", (unmet == 0).into()),
        ("unmetCount", unmet.into()),
        ("expectations", Json::Array(all.iter().map(to_json).collect())),
    ]))
}

/// `text` has the same in words.
fn to_json(expectation: &Expectation) -> Json {
    let mut json = stub_identity(&expectation.stub);
    json.set("expect", print_expect(expectation.expect));
    json.set("calls", (expectation.calls as usize).into());
    json.set("met", expectation.is_met().into());
    json.set("text", expectation.to_string().into());
    json
}
