//! Faults that a test builds, as a client sees them, and their entries in the journal.

mod client;

use std::time::{Duration, Instant};

use cannery::{MockServer, WireFault, given, status};
use client::{agent, get};

#[test]
fn every_fault_reaches_the_client_and_counts_as_a_call() {
    let faults = [WireFault::Reset, WireFault::Empty, WireFault::Garbage, WireFault::Truncate];
    for fault in faults {
        let server = MockServer::start();
        let stub = server.stub(given::get("/").respond(status(200).text("a long text").fault(fault)).expect(1));

        let read = agent().get(server.url("/")).call().map(|mut reply| reply.body_mut().read_to_string());
        assert!(!matches!(read, Ok(Ok(_))), "{fault}: {read:?}");
        assert_eq!((stub.calls(), server.received().only().fault()), (1, Some(fault)));
    }
}

#[test]
fn a_stall_ends_when_the_client_times_out_or_the_server_stops() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200).fault(WireFault::Stall)));
    let patient = |time| ureq::Agent::config_builder().timeout_global(Some(time)).build().new_agent();

    assert!(patient(Duration::from_millis(50)).get(server.url("/")).call().is_err());
    let url = server.url("/");
    let waiting = std::thread::spawn(move || patient(Duration::from_secs(60)).get(url).call().is_err());
    server.wait_for(given::get("/"), 2, Duration::from_secs(20)).blocking();
    drop(server);
    assert!(waiting.join().expect("the thread ends"));
}

#[test]
fn a_dribble_takes_its_duration_and_arrives_whole() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200).text("abcdef").dribble(3, Duration::from_millis(90))));

    let started = Instant::now();
    assert_eq!(get(&server, "/"), (200, "abcdef".to_owned()));
    assert!(started.elapsed() >= Duration::from_millis(90));
}
