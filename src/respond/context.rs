//! The inputs of an answer besides its stub.

use crate::message::Request;
use crate::model::Timestamp;

use super::seed::Seed;

/// The inputs of an answer besides its stub.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The request.
    pub request: &'a Request,
    /// The values of the path template's placeholders.
    pub path_params: &'a [(String, String)],
    /// The time that templates see.
    pub now: Timestamp,
    /// The seed of everything random in this answer.
    pub seed: Seed<'a>,
}
