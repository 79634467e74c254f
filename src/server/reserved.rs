//! Reserved paths: requests that no stub answers, and that are not recorded.
//!
//! A trait, so that a program whose server has no reserved paths does not contain the code for them.

#[cfg(feature = "admin")]
use std::sync::Arc;

#[cfg(feature = "admin")]
use crate::admin::Admin;
use crate::engine::Answer;
use crate::message::Request;

pub(super) trait Reserved: Send + Sync {
    /// Whether answering a request may take long, or much memory.
    fn may_take_long(&self, request: &Request) -> bool;

    /// Answers a request.
    fn answer(&self, request: &Request) -> Answer;

    /// Answers a request whose body could not be read.
    fn refuse(&self, request: &Request, status: u16, reason: &str) -> Answer;
}

#[cfg(feature = "admin")]
impl Reserved for Admin {
    fn may_take_long(&self, request: &Request) -> bool {
        !self.is_health(request)
    }

    fn answer(&self, request: &Request) -> Answer {
        self.answer(request)
    }

    fn refuse(&self, request: &Request, status: u16, reason: &str) -> Answer {
        self.refuse(request, status, reason)
    }
}

/// All other paths of a port that serves only the admin API.
#[cfg(feature = "admin")]
pub(super) struct OutsideAdmin(pub(super) Arc<Admin>);

#[cfg(feature = "admin")]
impl Reserved for OutsideAdmin {
    fn may_take_long(&self, _request: &Request) -> bool {
        false
    }

    fn answer(&self, request: &Request) -> Answer {
        self.0.answer_outside(request)
    }

    fn refuse(&self, request: &Request, _status: u16, _reason: &str) -> Answer {
        self.0.answer_outside(request)
    }
}
