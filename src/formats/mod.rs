//! Files to model, and back.
//!
//! Each format is a folder: [`native`] is Cannery's own. What any format uses is here: texts become trees in which each
//! value has its place, and everything that is wrong is collected as a [`Fault`](crate::model::Fault). The rooms above
//! compile what is in a value (a regular expression, a JSONPath, a template). They report a `Fault` too, and
//! [`Source::locate`] finds its line and column.

mod body_files;
mod diagnostic;
mod folder;
mod json_tree;
mod keys;
mod native;
mod regular_file;
mod source;
mod toml_depth;
mod toml_misread;
mod toml_tree;
mod tree;
mod words;
mod written;

pub use body_files::{BodyFiles, FileFault, Folder, NoFiles};
pub(crate) use diagnostic::in_order;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use folder::{Found, Loaded, find, load};
#[cfg(feature = "check")]
pub use native::lay_out;
#[cfg(feature = "admin")]
pub(crate) use native::print_expect;
pub use native::{SCHEMA, parse_duration, print_stub, read_scenario, read_stub};
pub use regular_file::{ReadFault, Streams, read_whole};
pub use source::{Source, Syntax};
#[cfg(feature = "check")]
pub(crate) use words::{did_you_mean, list, tick};

use diagnostic::Lines;
use tree::Node;

fn toml_root(text: &str, file: &str) -> Result<Node, Vec<Diagnostic>> {
    let lines = Lines::of(text);
    toml_tree::parse(text, &lines).map_err(|misreads| {
        let told = misreads.into_iter().map(|misread| {
            Diagnostic::of_file(file, misread.message).helped(misread.help).placed(&lines, text, &misread.span, "")
        });
        told.collect()
    })
}

fn json_root(text: &str, origin: &str) -> Result<Node, Vec<Diagnostic>> {
    json_tree::parse(text).map_err(|fault| vec![Diagnostic::of_file(origin, format!("not JSON: {fault}"))])
}
