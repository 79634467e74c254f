//! Five hundred tests with a server each, in the style of mockito's documentation.

use mockito::Server;

suite::five_hundred! { #[test] answers_an_order }

fn answers_an_order(number: u32) {
    let mut server = Server::new();
    let mock = server
        .mock("GET", suite::path(number).as_str())
        .match_header("Accept", "application/json")
        .with_status(200)
        .with_header("Content-Type", "application/json")
        .with_body(suite::body(number))
        .create();

    suite::send(server.socket_address(), number);
    mock.assert();
}
