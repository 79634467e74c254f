//! What `run` and the servers written here say to one another.
//!
//! The stubs come as a JSON file, so that one place decides what every server is asked to do. The port goes out as a line on
//! standard output. A server ends when its standard input does, so that none outlives a `run` that was killed.

use std::error::Error;
use std::io::Read as _;

use serde_json::Value;

/// A POST that is answered with 200 and JSON.
pub struct Stub {
    pub path: String,
    /// What the body must contain.
    pub includes: Option<Value>,
    pub answer: String,
}

/// The stubs of the file that the first argument names.
///
/// # Errors
/// Where there is no such file, or it is not what `run` writes.
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

/// Says where the server is.
pub fn announce(port: u16) {
    println!("{{\"port\":{port}}}");
}

/// Returns when nobody needs the server any more.
pub fn wait() {
    // However it ends, it is over.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
