//! What a server costs that is started and dropped.

use cannery::MockServer;

fn main() {
    suite::measure(|| drop(MockServer::start()));
}
