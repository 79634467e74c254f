//! What a scenario contains, as plain data.
//!
//! Every input (a TOML file, JSON that is sent to the admin API) becomes these types, and every output prints them. Nothing
//! here is compiled: patterns are plain text. The rooms above compile them and report errors at a [`KeyPath`].

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
pub use timestamp::{InvalidTimestamp, Timestamp};
pub use xml_text::{forbidden_in_xml, is_xml_name};
