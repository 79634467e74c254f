//! Explains what becomes of a request: why no stub answered it, which ones came nearest, and what would be answered.
//!
//! The engine and the matching code use nothing of this room. It asks the compiled conditions themselves whether they hold, so that
//! an explanation never disagrees with an answer.

mod body;
mod cache;
mod comparison;
mod exchange;
mod explanation;
mod explanation_json;
mod explanation_text;
mod near_stub;
mod preview;
mod preview_answer;
mod preview_json;
mod preview_text;
mod shown;

pub use exchange::{ExplainedExchange, complete, handle};
pub(crate) use exchange::{UnfinishedExchange, finish, handle_at_once};
pub use explanation::{Explanation, explain};
pub use explanation_text::Style;
pub(crate) use explanation_text::report_line;
pub use near_stub::NearStub;
pub use preview::{Answering, Preview, preview};
