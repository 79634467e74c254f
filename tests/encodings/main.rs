//! Texts in encodings other than UTF-8: bodies, forms and parts of requests, and answers in the charset of their Content-Type.

#![cfg(all(
    feature = "admin",
    feature = "check",
    feature = "files",
    feature = "gzip",
    feature = "templates",
    feature = "xpath"
))]
#![allow(missing_docs)]

mod answers;
mod requests;
#[path = "../support/mod.rs"]
mod support;

use support::{Reply, Running};

fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

fn utf16le(text: &str) -> Vec<u8> {
    utf16(text, u16::to_le_bytes)
}

fn utf16be(text: &str) -> Vec<u8> {
    utf16(text, u16::to_be_bytes)
}

fn post(server: &Running, path: &str, media: &str, body: &[u8]) -> Reply {
    server.send("POST", path, &[("Content-Type", media)], body)
}
