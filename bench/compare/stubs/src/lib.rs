//! The protocol between `run` and the servers of this folder.
//!
//! The stubs are in a JSON file, so that every server gets the same ones. The server prints its port as a line on standard output. It
//! ends when its standard input is closed, so that it does not outlive a `run` that was killed.

use std::error::Error;
use std::io::Read as _;

use serde_json::Value;

/// A POST that is answered with 200 and JSON.
pub struct Stub {
    pub path: String,
    /// A text that the body must contain.
    pub includes: Option<Value>,
    pub answer: String,
}

/// Returns the stubs of the file that the first argument names.
///
/// # Errors
/// If the file cannot be read, or is not in the format that `run` writes.
pub fn given() -> Result<Vec<Stub>, Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("the file with the stubs is missing")?;
    let Value::Array(listed) = serde_json::from_slice(&std::fs::read(path)?)? else { return Err("not a list".into()) };
    let text = |stub: &Value, name: &str| stub[name].as_str().map(str::to_owned).ok_or(format!("no {name}"));
    let read = |stub: Value| {
        let includes = Some(stub["includes"].clone()).filter(|value| !value.is_null());
        Ok(Stub { path: text(&stub, "path")?, includes, answer: text(&stub, "answer")? })
    };
    listed.into_iter().map(read).collect()
}

/// Prints the port of the server.
pub fn announce(port: u16) {
    println!("{{\"port\":{port}}}");
}

/// Returns when standard input is closed.
pub fn wait() {
    // An error ends it too.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
