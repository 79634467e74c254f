//! Tests in parallel, each with a server of its own, so that none sees another's requests:
//! `cargo run --example parallel_tests`.

use std::thread;

use cannery::{MockServer, given, status};

/// What is under test: greets by asking a service.
fn greeting(base: &str, name: &str) -> Result<String, ureq::Error> {
    ureq::get(format!("{base}/greeting/{name}")).call()?.body_mut().read_to_string()
}

fn one_test(number: usize) {
    let server = MockServer::start();
    server.stub(given::get("/greeting/{name}").respond(status(200).text(format!("Hello from {number}"))).expect(1));

    assert_eq!(greeting(&server.uri(), "Ada").expect("an answer"), format!("Hello from {number}"));
    assert_eq!(server.received().only().path(), "/greeting/Ada");
}

fn main() {
    let tests: Vec<_> = (0..64).map(|number| thread::spawn(move || one_test(number))).collect();
    for test in tests {
        test.join().expect("it passes");
    }
    println!("64 servers, and no request went astray");
}
