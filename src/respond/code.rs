//! An answer by a closure.

use std::fmt;
use std::sync::Arc;

use crate::matching::{Panicked, caught};
use crate::message::Request;
use crate::model::Response;

/// A closure that answers requests. Templates are off in its responses, unless a response switches them on.
#[derive(Clone)]
pub struct Responder {
    /// The place of the closure in its source, for messages.
    pub place: String,
    answer: Arc<dyn Fn(&Request) -> Response + Send + Sync>,
}

impl Responder {
    /// Returns a closure with its place in the source.
    pub fn new(place: String, answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Responder {
        Responder { place, answer: Arc::new(answer) }
    }

    pub(super) fn call(&self, request: &Request) -> Result<Response, Panicked> {
        caught(|| (self.answer)(request))
    }
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Responder({})", self.place)
    }
}
