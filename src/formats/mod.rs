//! Reads files into the model, and prints the model.
//!
//! Each format is a folder: `native` is Cannery's own. What all formats share is here: texts are parsed into trees in which
//! each value has its span, and errors are collected as [`Fault`](crate::model::Fault)s. The rooms above compile the
//! contents of values (regular expressions, JSONPaths, templates). They report a `Fault` too, and [`Source::locate`] finds
//! its line and column.

mod body_files;
mod diagnostic;
mod excerpt;
mod folder;
mod json_tree;
mod load;
mod located;
mod native;
mod regular_file;
mod source;
mod string_spans;
mod table_reader;
mod toml_depth;
mod toml_errors;
#[cfg(feature = "admin")]
mod toml_strings;
mod toml_tree;
#[cfg(feature = "admin")]
mod toml_writer;
mod tree;
mod utf8;
mod words;

pub use body_files::{BodyFiles, FileFault, Folder, NoFiles};
pub(crate) use diagnostic::sort_by_place;
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use folder::{FoundFiles, find_files};
pub use load::{Loaded, load};
#[cfg(feature = "check")]
pub use native::format_scenario;
#[cfg(feature = "admin")]
pub(crate) use native::{INITIAL_STATE, print_expect};
pub use native::{SCHEMA, parse_duration, print_stub, read_scenario, read_stub};
pub use regular_file::{ReadFault, Streams, read_whole};
pub use source::{Source, Syntax};
#[cfg(feature = "admin")]
pub use toml_writer::{ScenarioHead, Unwritable, write_scenario};
#[cfg(feature = "check")]
pub(crate) use words::{backtick_list, did_you_mean, in_backticks};
