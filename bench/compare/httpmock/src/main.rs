//! httpmock with the stubs of a case.

use std::error::Error;

use httpmock::Method::POST;
use httpmock::MockServer;

fn main() -> Result<(), Box<dyn Error>> {
    let server = MockServer::start();
    for stub in stubs::given()? {
        server.mock(|when, then| {
            let when = when.method(POST).path(stub.path);
            if let Some(includes) = stub.includes {
                when.json_body_includes(includes.to_string());
            }
            then.status(200).header("content-type", "application/json").body(stub.answer);
        });
    }
    stubs::announce(server.port());
    stubs::wait();
    Ok(())
}
