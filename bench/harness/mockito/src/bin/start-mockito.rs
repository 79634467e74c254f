//! What a server costs that is started and dropped.

use mockito::Server;

fn main() {
    suite::measure(|| drop(Server::new()));
}
