//! What the admin API says when it cannot do as asked, in the shape of WireMock's errors.

use crate::model::Json;

/// An error of the admin API.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{title}: {detail}")]
pub(super) struct AdminFault {
    pub(super) status: u16,
    pub(super) title: &'static str,
    pub(super) detail: String,
    /// The field of the request that is meant, as a JSON pointer (RFC 6901).
    pub(super) pointer: Option<String>,
    /// Further members of the error.
    pub(super) more: Vec<(String, Json)>,
    /// For the header Allow.
    pub(super) allow: Option<String>,
}

impl AdminFault {
    pub(super) fn new(status: u16, title: &'static str, detail: impl Into<String>) -> AdminFault {
        AdminFault { status, title, detail: detail.into(), pointer: None, more: Vec::new(), allow: None }
    }

    /// A field of the request that cannot be taken: 422.
    pub(super) fn field(pointer: impl Into<String>, detail: impl Into<String>) -> AdminFault {
        let pointer = Some(pointer.into());
        AdminFault { pointer, ..AdminFault::new(422, "the request cannot be understood", detail) }
    }

    pub(super) fn to_json(&self) -> Json {
        // WireMock's code for a request that it cannot parse; its clients read the title and the detail.
        const NOT_UNDERSTOOD: usize = 10;
        let mut error = Json::from([("code", NOT_UNDERSTOOD.into())]);
        if let Some(pointer) = &self.pointer {
            error.set("source", Json::from([("pointer", pointer.as_str().into())]));
        }
        error.set("title", self.title.into());
        error.set("detail", self.detail.as_str().into());
        self.more.iter().for_each(|(name, value)| error.set(name, value.clone()));
        Json::from([("errors", Json::Array(vec![error]))])
    }
}
