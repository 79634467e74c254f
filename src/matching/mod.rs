//! Compiles request patterns and decides whether a request matches.
//!
//! `explain` explains the verdicts: it asks each compiled condition whether it holds and only then describes it, so that a near
//! miss never disagrees with a match. The engine decides which of several stubs goes first, and knows states and arming.

mod bipartite_match;
mod body;
mod code;
mod condition;
mod credentials;
mod describe;
mod explain;
mod expression;
mod extractor;
mod fold;
mod group;
#[cfg(feature = "check")]
mod implied_keys;
mod index;
mod index_key;
mod json_path;
mod mask;
mod moment;
mod one_pass_regex;
mod path;
mod pattern;
mod request_value;
mod schema;
#[cfg(feature = "json-schema")]
mod schema_limits;
#[cfg(feature = "json-schema")]
mod schema_reader;
mod shared_conditions;
mod trie;
mod value;
mod value_set;
mod xml_equal;
mod xpath;

#[cfg(feature = "admin")]
pub(crate) use bipartite_match::bipartite_match;
pub(crate) use code::caught;
pub use code::{Panicked, Predicate, Undecided};
pub(crate) use describe::shortened;
pub use explain::{ConditionReport, Difference, Distance, NearPaths, json_differences, xml_differences};
pub(crate) use expression::{Expression, compile_regex};
pub use index::StubIndex;
#[cfg(feature = "check")]
pub(crate) use index_key::{IndexKey, RequestField};
#[cfg(feature = "check")]
pub(crate) use json_path::member_path;
pub use json_path::{JsonPath, JsonPathFault, Located, Nodes, TooCostly};
pub use mask::{check_mask, mask_json, mask_xml};
pub use moment::{parse_moment, shift};
pub use path::PathTemplate;
#[cfg(feature = "check")]
pub(crate) use path::TemplateSegment;
pub use pattern::{CompiledPattern, MatchContext, PathParams};
pub use request_value::RequestValue;
pub use shared_conditions::SharedConditions;
pub(crate) use trie::PathTrie;
pub use value::CompiledMatcher;
pub use xml_equal::same_xml;
#[cfg(feature = "check")]
pub(crate) use xpath::always_computes;

pub use crate::budget::Exceeded;
