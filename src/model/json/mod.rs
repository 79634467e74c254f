//! JSON: a tree that keeps the order of its members, exact numbers, and what reads and compares them.
//!
//! There is a reader of our own beside `serde_json`, because most of the cost of a condition on a body is reading the body, and
//! most of the body is not needed. `fast_reader` and `skip` keep only what is needed, which saves a third of the instructions of
//! such a condition (docs/performance.md). They accept text in its usual form. Any other text is read again by `serde_json`, which alone decides
//! what is JSON and reports what is wrong. Property tests in `fast_reader` hold that whatever it accepts is exactly what
//! `serde_json` makes of the same text, down to the sign of a zero. If they cannot be kept, the two files are deleted, and `read`
//! calls `serde_reader` alone.

mod fast_reader;
mod members;
mod number;
mod projection;
mod read;
mod serde_reader;
mod skip;
mod value;

pub(crate) use members::Members;
pub use number::Number;
pub use projection::Projection;
pub(crate) use skip::is_plain;
pub use value::{Json, JsonFault, JsonType};
