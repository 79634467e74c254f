//! JSON: a tree that keeps the order of its members, with exact numbers. Values are read, compared and written here.
//!
//! There is a reader of our own in addition to `serde_json`, because most of the cost of a condition on a body is reading
//! the body, and most of the body is not needed. `fast_reader` and `skip` keep only what is needed, which saves a third of
//! the instructions of such a condition (docs/performance.md). They accept text in its usual form. Any other text is read
//! again by `serde_json`, which alone decides what is JSON and reports errors. Property tests in `fast_reader` check that
//! its result is exactly that of `serde_json`, down to the sign of a zero. If these tests cannot be kept, delete the two
//! files and let `read` call `serde_reader` alone.

mod fast_reader;
mod json_type;
mod members;
mod number;
mod projection;
mod read;
mod serde_reader;
mod skip;
mod value;

pub use json_type::JsonType;
pub(crate) use members::Members;
pub use number::Number;
pub use projection::Projection;
pub(crate) use skip::is_plain;
pub use value::{Json, JsonFault};
