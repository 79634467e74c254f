//! Partial failure on Groove: a request that succeeds and says inside what failed: `cargo run --example partial_failure`.

use cannery::{MockServer, given, present, status};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    track_action_results: Vec<TrackResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrackResult {
    input_id: String,
    error: Option<serde_json::Value>,
}

/// What is under test: adds tracks to a user's collection, and tells which of them failed.
fn add(base: &str, tracks: &[&str]) -> Result<Vec<String>, ureq::Error> {
    let mut reply = ureq::post(format!("{base}/1/content/music/collection/add?accessToken=Bearer+made-up"))
        .header("Authorization", "XBL3.0 x=1;made-up")
        .content_type("application/json")
        .send(json!({ "TrackIds": tracks }).to_string())?;
    let answer: Answer = serde_json::from_reader(reply.body_mut().as_reader()).map_err(std::io::Error::other)?;
    let failed = answer.track_action_results.into_iter().filter(|result| result.error.is_some());
    Ok(failed.map(|result| result.input_id).collect())
}

const KNOWN: &str = "music.A83EB907-0100-11DB-89CA-0019B92A3933";
const UNKNOWN: &str = "music.9BB2C5C5-455C-4C15-827C-F9BFD759A458";

fn main() {
    // The scenario files of this repository know how Groove answered.
    let groove = MockServer::serving("scenarios/groove");

    assert_eq!(add(&groove.uri(), &[KNOWN, UNKNOWN]).expect("an answer"), [UNKNOWN]);
    assert_eq!(add(&groove.uri(), &[KNOWN]).expect("an answer"), [""; 0]);
    groove.verify(given::post("/1/content/music/collection/add").header("Authorization", present()), 2);
    assert_eq!(groove.received()[0].json::<serde_json::Value>()["TrackIds"].as_array().map(Vec::len), Some(2));

    // A documented failure that no request provokes is armed by name; any other answer is a stub of the test's own.
    groove.arm("TOO_MANY_REQUESTS");
    assert!(matches!(add(&groove.uri(), &[KNOWN]), Err(ureq::Error::StatusCode(429))));
    let down = groove.scoped(given::post("/1/content/{*rest}").respond(status(500)));
    assert!(matches!(add(&groove.uri(), &[KNOWN]), Err(ureq::Error::StatusCode(500))));
    drop(down);
    assert!(add(&groove.uri(), &[KNOWN]).is_ok());
    println!("partial failure is as documented");
}
