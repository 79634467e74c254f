//! Measures starting and dropping a server.

use wiremock::MockServer;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || suite::measure(|| drop(runtime.block_on(MockServer::start()))))
        .await
        .expect("the thread ends");
}
