//! Renders the answer to a request from its stub.
//!
//! Templates, constant documents and the cases of a batch are compiled once, when a scenario is loaded. Only the parts
//! that depend on the request are rendered for each request. There is no I/O here and no clock: the time and the seed
//! of all random values are in the [`Context`]. The server implements faults on the wire and `dribble`.

mod answer;
mod batch;
mod body;
mod charge;
mod charset;
mod code;
mod compiled;
mod context;
mod delay;
mod document;
mod fault;
mod head;
mod negotiate;
mod ranges;
#[cfg(feature = "templates")]
mod render_cache;
mod rendered_value;
mod seed;
#[cfg_attr(not(feature = "templates"), path = "template_off.rs")]
mod template;
mod templating;
mod text;
mod tree;
mod truncation;
mod value_ref;
mod vars;
mod xml;
mod xml_check;

pub(crate) use answer::own_headers;
pub use answer::{Answer, AnswerBody, BodyPieces, BodyStream, Header};
pub use code::Responder;
pub use compiled::CompiledAnswer;
pub use context::Context;
pub use fault::RenderFault;
pub use seed::Seed;
#[cfg(feature = "check")]
pub(crate) use template::output_tags;

#[cfg(test)]
mod tests;
