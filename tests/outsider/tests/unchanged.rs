//! Cannery enables no feature of a shared crate that would change the crate's behaviour for its users.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use cannery::{MockServer, given, status};

#[test]
fn maps_keep_their_order() {
    assert_eq!(outsider::names(r#"{"b": 1, "c": 2, "a": 3}"#), ["a", "b", "c"]);
}

#[test]
fn numbers_keep_their_precision() {
    assert_eq!(outsider::number("1.00000000000000000001"), "1.0");
}

#[test]
fn a_server_answers() {
    let server = MockServer::start();
    server.stub(given::get("/").respond(status(200).text("hello")).expect(1));

    let mut stream = TcpStream::connect(server.addr()).expect("the server listens");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("the server reads");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("the server answers");
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n") && reply.ends_with("\r\n\r\nhello"), "{reply}");
}
