//! Stubs that a test builds, and their answers over a socket.

#![cfg(all(feature = "files", feature = "templates", feature = "xpath"))]

mod answers;
#[path = "../client/mod.rs"]
mod client;
mod conditions;
mod lifecycle;

const JSON: &str = "application/json";
