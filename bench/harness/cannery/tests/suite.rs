//! Five hundred tests with a server each, in the style of Cannery's documentation.

use cannery::{MockServer, given, status};

suite::five_hundred! { #[test] answers_an_order }

fn answers_an_order(number: u32) {
    let server = MockServer::start();
    server.stub(
        given::get(suite::path(number))
            .header("Accept", "application/json")
            .respond(status(200).header("Content-Type", "application/json").text(suite::body(number)))
            .expect(1),
    );

    suite::send(server.addr(), number);
}
