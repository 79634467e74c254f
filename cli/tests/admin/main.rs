//! Access to the admin API of `cannery serve`, and its address.

#![allow(missing_docs)]
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod early;
mod hosts;
mod options;
mod pages;
mod port;
mod token;

use std::net::SocketAddr;

use cannery::model::Json;
use support::{Connection, Folder, Reply, Serving, at, cannery};

/// A server with a stub, an on-demand stub and a stub that must be called.
struct Shop {
    folder: Folder,
    server: Serving,
}

const SHOP: &str = r#"
[[stub]]
name = "an order is shown"
expect = 1
request.path = "/orders/{id}"
response.text = "an order"

[[stub]]
name = "BUSY"
on_demand = true
request.path = "/orders/{id}"
response.status = 429

[[stub]]
name = "a path as the admin API has them"
request.path = "/__admin/{*rest}"
response.text = "a stub"
"#;

impl Shop {
    fn open(options: &[&str]) -> Shop {
        Shop::open_with(options, &[])
    }

    fn open_with(options: &[&str], environment: &[(&str, &str)]) -> Shop {
        let folder = Folder::new();
        folder.write("scenarios/shop.toml", SHOP);
        let mut command = cannery(&folder.path);
        command.args(["serve", "--port", "0"]).args(options).envs(environment.iter().copied());
        let server = Serving::start(&mut command);
        Shop { folder, server }
    }

    fn addr(&self) -> SocketAddr {
        self.server.addr
    }

    /// Sends a request with exactly these headers.
    fn ask(&self, line: &str, headers: &[&str], body: &str) -> Reply {
        ask(self.addr(), line, headers, body)
    }

    /// Returns all state that the admin API can change, as a program on this machine reads it.
    fn state(&self) -> String {
        let read = |path: &str| self.ask(&format!("GET /__admin/{path}"), &[&self.host()], "").text();
        ["stubs", "requests", "expectations"].map(read).join("\n")
    }

    /// Returns the header Host that a client on this machine sends.
    fn host(&self) -> String {
        format!("Host: {}", self.addr())
    }
}

fn ask(addr: SocketAddr, line: &str, headers: &[&str], body: &str) -> Reply {
    let mut connection = Connection::to(addr);
    connection.write(&bytes(line, headers, body));
    connection.read_to(line.split(' ').next().expect("a method"))
}

/// Returns a request of `line`, such as `GET /`, with these headers, and Content-Length if it has a body.
fn bytes(line: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("{line} HTTP/1.1\r\n");
    headers.iter().for_each(|header| text.push_str(&format!("{header}\r\n")));
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// Returns the detail of an error, and the part of the request that it refers to.
fn fault(reply: &Reply) -> (String, String) {
    let json: Json = reply.json();
    let text = |path: &str| at(&json, path).as_str().unwrap_or_default().to_owned();
    (text("errors.0.detail"), text("errors.0.source.header"))
}
