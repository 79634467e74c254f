//! Measures starting and dropping a server.

use httpmock::MockServer;

fn main() {
    suite::measure(|| drop(MockServer::start()));
}
