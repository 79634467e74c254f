//! mockito with the stubs of a case.

use std::error::Error;

use mockito::{Matcher, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let mut server = Server::new();
    for stub in stubs::given()? {
        let mut mock = server.mock("POST", stub.path.as_str());
        if let Some(includes) = stub.includes {
            mock = mock.match_body(Matcher::PartialJson(includes));
        }
        mock.with_status(200).with_header("content-type", "application/json").with_body(stub.answer).create();
    }
    stubs::announce(server.socket_address().port());
    stubs::wait();
    Ok(())
}
