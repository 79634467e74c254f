//! Compiles request patterns and decides whether a request matches.
//!
//! `explain` shows why a request does not match, by the same compiled conditions. `engine` decides which of several stubs goes first;
//! it also has the states and what is armed.

mod bipartite_match;
mod body;
mod code;
mod condition;
mod expression;
mod extractor;
pub(crate) mod fold;
mod group;
#[cfg(feature = "check")]
mod implied_keys;
mod index;
mod index_key;
mod json_path;
mod mask;
mod matcher;
mod moment;
mod near_paths;
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
mod value_set;
mod xml_equal;
mod xpath;

#[cfg(feature = "admin")]
pub(crate) use bipartite_match::bipartite_match;
pub(crate) use body::{CompiledBody, with_node_values};
pub(crate) use code::caught;
pub use code::{Panicked, Predicate, Undecided};
pub(crate) use condition::{CompiledPart, Condition, ConditionInput, PathTest, basic_auth};
pub(crate) use expression::{Expression, compile_regex};
pub use index::StubIndex;
#[cfg(feature = "check")]
pub(crate) use index_key::{IndexKey, RequestField};
pub(crate) use json_path::member_path;
pub use json_path::{JsonPath, JsonPathFault, Located, Nodes, TooCostly};
pub use mask::{check_mask, mask_json, mask_xml};
pub use matcher::CompiledMatcher;
pub(crate) use matcher::CompiledOperator;
pub use moment::{parse_moment, shift};
pub use near_paths::NearPaths;
pub use path::PathTemplate;
pub(crate) use path::{TemplateSegment, fixed_is};
pub use pattern::{CompiledPattern, MatchContext, PathParams};
pub use request_value::RequestValue;
pub use shared_conditions::SharedConditions;
pub(crate) use trie::PathTrie;
pub use xml_equal::same_xml;
pub(crate) use xml_equal::{meaningful, sorted_attributes};
#[cfg(feature = "check")]
pub(crate) use xpath::always_computes;

pub use crate::budget::Exceeded;
