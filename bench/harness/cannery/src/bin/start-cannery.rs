//! Measures starting and dropping a server.

use cannery::MockServer;

fn main() {
    suite::measure(|| drop(MockServer::start()));
}
