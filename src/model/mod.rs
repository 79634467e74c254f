//! What a scenario says, as plain data.
//!
//! Every way in (a TOML file, JSON sent to the admin API) makes these types, and every way out prints them.
//! Nothing here is compiled or checked beyond its shape: patterns are the text that was written, and the rooms
//! above turn them into something that runs and say what is wrong with them, at a [`KeyPath`].

mod delivery;
mod example;
mod expect;
mod fault;
mod json;
mod language;
mod matcher;
mod operator;
mod request;
mod response;
mod scenario;
mod timestamp;
mod xml_text;

pub use delivery::{Delivery, Dribble, WireFault};
pub use example::{Example, ExampleBody, ExampleRequest, ExampleResponse};
pub use expect::Expect;
pub use fault::{Fault, KeyPath, Spot, Step};
pub use json::{Json, JsonFault, JsonType, Number, Projection};
pub(crate) use json::{Members, is_plain};
pub use language::{JsonPathText, RegexText, XPathText};
pub use matcher::{BodyCondition, Matcher, Operator, Schema};
pub use operator::{BodyOperand, Constraint, Limit, Operand, OperandValue, OperatorName};
pub use request::{BasicAuth, PartPattern, PathPattern, RequestPattern};
pub use response::{Batch, BatchCase, Body, Delay, FileBody, Merge, Repeat, Response, StubAnswer};
pub use scenario::{ElementOrder, Place, Representation, Scenario, Stub, XmlForm};
pub use timestamp::{NoTimestamp, Timestamp};
pub use xml_text::{forbidden_in_xml, is_xml_name};
