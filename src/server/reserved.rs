//! Reserved paths: requests that are answered before any stub is asked, and are not recorded.
//!
//! A trait, so that a program whose server has no reserved paths does not contain the code for them.

#[cfg(feature = "admin")]
use crate::admin::Admin;
use crate::engine::Answer;
use crate::message::Request;

pub(super) trait Reserved: Send + Sync {
    /// Whether a request is for these paths.
    fn owns(&self, request: &Request) -> bool;

    /// Whether answering such a request may take long, or much memory.
    fn may_take_long(&self, request: &Request) -> bool;

    /// Answers such a request. Returns `None` for any other.
    fn answer(&self, request: &Request) -> Option<Answer>;

    /// Answers such a request whose body could not be read.
    fn refuse(&self, request: &Request, status: u16, reason: &str) -> Answer;
}

#[cfg(feature = "admin")]
impl Reserved for Admin {
    fn owns(&self, request: &Request) -> bool {
        self.owns(request)
    }

    fn may_take_long(&self, request: &Request) -> bool {
        !self.is_health(request)
    }

    fn answer(&self, request: &Request) -> Option<Answer> {
        self.answer(request)
    }

    fn refuse(&self, request: &Request, status: u16, reason: &str) -> Answer {
        self.refuse(request, status, reason)
    }
}
