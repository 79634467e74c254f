//! A client that tries again where a service is busy, and gives up where it is not: `cargo run --example retrying_client`.

use std::time::Duration;

use cannery::{MockServer, WireFault, given, status};
use serde_json::json;
use ureq::Agent;

/// What is under test: asks up to three times while the answer is 503 or there is none.
fn order(base: &str, id: u32) -> Result<String, String> {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(5)));
    let agent: Agent = config.build().into();
    let mut last = String::new();
    for _ in 0..3 {
        match agent.get(format!("{base}/orders/{id}")).call() {
            Ok(reply) if reply.status() == 503 => last = "busy".to_owned(),
            Ok(mut reply) => return reply.body_mut().read_to_string().map_err(|error| error.to_string()),
            Err(error) => last = error.to_string(),
        }
    }
    Err(last)
}

fn main() {
    busy_once();
    reset_once();
    busy_for_good();
    println!("all three are as they should be");
}

fn busy_once() {
    let server = MockServer::start();
    let flaky = server
        .stub(given::get("/orders/{id}").responses([status(503), status(200).json(json!({ "id": 7 }))]).expect(2));

    assert_eq!(order(&server.uri(), 7).as_deref(), Ok(r#"{"id":7}"#));
    assert_eq!(flaky.calls(), 2);
}

fn reset_once() {
    let server = MockServer::start();
    let responses = [status(200).fault(WireFault::Reset), status(200).text("there")];
    server.stub(given::get("/orders/{id}").responses(responses).expect(2));

    assert_eq!(order(&server.uri(), 7).as_deref(), Ok("there"));
}

fn busy_for_good() {
    let server = MockServer::start();
    server.stub(given::get("/orders/{id}").respond(status(503)).expect(3));

    assert_eq!(order(&server.uri(), 7), Err("busy".to_owned()));
}
