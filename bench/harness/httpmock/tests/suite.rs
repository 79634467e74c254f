//! Five hundred tests with a server each, in the style of httpmock's documentation.

use httpmock::{Method::GET, MockServer};

suite::five_hundred! { #[test] answers_an_order }

fn answers_an_order(number: u32) {
    let server = MockServer::start();
    let mock = server.mock(|when, then| {
        when.method(GET).path(suite::path(number)).header("Accept", "application/json");
        then.status(200).header("Content-Type", "application/json").body(suite::body(number));
    });

    suite::send(*server.address(), number);
    mock.assert();
}
