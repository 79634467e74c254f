//! Measures starting and dropping a server.

use mockito::Server;

fn main() {
    suite::measure(|| drop(Server::new()));
}
