//! Explains how a request is answered: why no stub answered it, which stubs came nearest, and what the answer would be.
//!
//! The engine and the matching code do not depend on this module. An explanation evaluates the same compiled conditions as the engine,
//! so it never disagrees with an answer.

mod body;
mod cache;
mod comparison;
mod condition_report;
mod credentials;
mod describe;
mod difference;
mod exchange;
mod explanation;
mod explanation_json;
mod explanation_text;
mod near_miss;
mod near_stub;
mod path_distance;
mod preview;
mod preview_answer;
mod preview_json;
mod preview_text;
mod remedy;
mod render_message;

pub use condition_report::{ConditionReport, report_conditions};
pub use describe::describe_conditions;
pub(crate) use describe::shortened;
pub use difference::{Difference, json_differences, xml_differences};
pub use exchange::{ExplainedExchange, complete, handle};
pub(crate) use exchange::{UnfinishedExchange, finish, handle_at_once};
pub use explanation::{Explanation, explain};
pub use explanation_text::Style;
pub(crate) use explanation_text::report_line;
pub use near_miss::{Distance, distance};
pub use near_stub::NearStub;
pub use preview::{Answering, Preview, preview};
