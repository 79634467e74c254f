//! Five hundred tests with a server each, in the style of wiremock's documentation.

use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

suite::five_hundred! { #[tokio::test] answers_an_order }

async fn answers_an_order(number: u32) {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(suite::path(number)))
        .and(header("Accept", "application/json"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(suite::body(number), "application/json"))
        .expect(1)
        .mount(&server)
        .await;

    suite::send(*server.address(), number);
}
