//! What the admin API says when it cannot do as asked, in the shape of WireMock's errors.

use std::fmt;

use crate::matching::Exceeded;
use crate::model::{Json, KeyPath};

/// An error of the admin API.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AdminFault {
    pub(super) status: u16,
    pub(super) title: &'static str,
    /// Each thing that is wrong, at least one.
    pub(super) told: Vec<Told>,
    /// Further members of the first error.
    pub(super) more: Vec<(String, Json)>,
    /// A header that the status asks for.
    pub(super) header: Option<(&'static str, String)>,
}

impl std::error::Error for AdminFault {}

impl fmt::Display for AdminFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) detail: String,
    pub(super) source: Option<Source>,
}

/// The part of the request that is meant.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    /// A value of the body, as a JSON pointer (RFC 6901).
    Pointer(String),
    /// A query parameter.
    Parameter(String),
    /// A header.
    Header(&'static str),
}

impl AdminFault {
    pub(super) fn new(status: u16, title: &'static str, detail: impl Into<String>) -> AdminFault {
        let told = vec![Told { detail: detail.into(), source: None }];
        AdminFault { status, title, told, more: Vec::new(), header: None }
    }

    /// A value of the body that cannot be taken: 422.
    pub(super) fn field(at: &KeyPath, detail: impl Into<String>) -> AdminFault {
        AdminFault::new(422, NOT_UNDERSTOOD, detail).about(Source::Pointer(at.to_pointer()))
    }

    /// A query parameter that cannot be taken: 400.
    pub(super) fn parameter(name: &str, detail: impl Into<String>) -> AdminFault {
        AdminFault::new(400, NOT_UNDERSTOOD, detail).about(Source::Parameter(name.to_owned()))
    }

    /// A question that takes too many steps: 422.
    pub(super) fn too_costly(limit: &Exceeded) -> AdminFault {
        AdminFault::new(422, "the request takes too long", limit.to_string())
    }

    /// Says which part of the request is meant.
    #[must_use]
    pub(super) fn about(mut self, source: Source) -> AdminFault {
        self.told.iter_mut().for_each(|told| told.source = Some(source.clone()));
        self
    }

    pub(super) fn to_json(&self) -> Json {
        // WireMock's code for a request that it cannot parse; its clients read the title and the detail.
        const CODE: usize = 10;
        let error = |told: &Told| {
            let mut error = Json::from([("code", CODE.into())]);
            match &told.source {
                None => {}
                Some(Source::Pointer(pointer)) => {
                    error.set("source", Json::from([("pointer", pointer.as_str().into())]));
                }
                Some(Source::Parameter(name)) => {
                    error.set("source", Json::from([("parameter", name.as_str().into())]));
                }
                Some(Source::Header(name)) => error.set("source", Json::from([("header", (*name).into())])),
            }
            error.set("title", self.title.into());
            error.set("detail", told.detail.as_str().into());
            error
        };
        let mut errors: Vec<Json> = self.told.iter().map(error).collect();
        if let Some(first) = errors.first_mut() {
            self.more.iter().for_each(|(name, value)| first.set(name, value.clone()));
        }
        Json::from([("errors", Json::Array(errors))])
    }
}

const NOT_UNDERSTOOD: &str = "the request cannot be understood";
