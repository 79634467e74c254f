//! wiremock with the stubs of a case.

use std::error::Error;

use tokio::runtime::Builder;
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        for stub in stubs::given()? {
            let mut mock = Mock::given(method("POST")).and(path(stub.path));
            if let Some(includes) = stub.includes {
                mock = mock.and(body_partial_json(includes));
            }
            let answer = ResponseTemplate::new(200).set_body_raw(stub.answer, "application/json");
            mock.respond_with(answer).mount(&server).await;
        }
        Ok::<_, Box<dyn Error>>(server)
    })?;
    stubs::announce(server.address().port());
    stubs::wait();
    Ok(())
}
