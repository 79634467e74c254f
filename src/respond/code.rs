//! An answer that is code: a closure, which no file can say.

use std::fmt;
use std::sync::Arc;

use crate::matching::{Panicked, caught};
use crate::message::Request;
use crate::model::Response;

/// A closure that answers requests. Templates in what it gives back stand as they are, unless it says otherwise.
#[derive(Clone)]
pub struct Responder {
    /// Where it was written, for people.
    pub place: String,
    answer: Arc<dyn Fn(&Request) -> Response + Send + Sync>,
}

impl Responder {
    /// A closure that was written at a place.
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
