//! What a server costs that is started and dropped.

use httpmock::MockServer;

fn main() {
    suite::measure(|| drop(MockServer::start()));
}
