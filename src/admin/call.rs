//! A call of the API, and the reply to it.

use crate::engine::Engine;
use crate::message::Request;
use crate::model::{Json, KeyPath, Timestamp};
use crate::respond::{AnswerBody, BodyStream};

use super::fault::AdminFault;
use super::printable::whole_if_short;
use super::printed::printed;
use super::settings::AdminSettings;

/// One call of the API.
pub(super) struct Call<'a> {
    pub(super) settings: &'a AdminSettings,
    /// When the engine was started.
    pub(super) started: Timestamp,
    /// Whether the stubs are on another port.
    pub(super) has_own_port: bool,
    pub(super) request: &'a Request,
    pub(super) engine: &'a Engine,
    /// The method of the endpoint: a HEAD is a GET whose body the server leaves out.
    pub(super) method: &'a str,
    /// The path below that of the API, without its first slash and without those at its end.
    pub(super) below: &'a str,
}

impl Call<'_> {
    /// Whether the stubs never see a request, because it is for the API and comes to the port of both.
    pub(super) fn hides(&self, request: &Request) -> bool {
        !self.has_own_port && request.is_below(&self.settings.path)
    }

    /// Parses the body as a JSON object that has no other members than the known ones.
    pub(super) fn json_object(&self, known: &[&str]) -> Result<Json, AdminFault> {
        let top = KeyPath::top();
        let json = Json::parse(self.request.body()).map_err(|fault| AdminFault::not_json(&top, &fault))?;
        let Json::Object(members) = &json else { return Err(AdminFault::wrong_kind(&top, "an object", Some(&json))) };
        match members.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(AdminFault::unknown_member(&top, name, known)),
            None => Ok(json),
        }
    }

    /// Returns the first value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.request.query().iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns a query parameter that must be a whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, AdminFault> {
        let wrong = |text: &str| AdminFault::parameter(name, format!("must be a whole number, found `{text}`"));
        self.parameter(name).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
    }

    /// Returns a query parameter that must be `true` or `false`. It is false if it is missing, and true if it has no value.
    pub(super) fn flag(&self, name: &str) -> Result<bool, AdminFault> {
        match self.parameter(name) {
            None | Some("false") => Ok(false),
            Some("true" | "") => Ok(true),
            Some(other) => Err(AdminFault::parameter(name, format!("must be true or false, found `{other}`"))),
        }
    }
}

/// What an endpoint returns: a status and, if it has one, a body.
pub(super) struct Reply(pub(super) u16, pub(super) Option<ReplyBody>);

/// A body and its Content-Type.
pub(super) struct ReplyBody {
    pub(super) media_type: &'static str,
    pub(super) body: AnswerBody,
}

impl ReplyBody {
    pub(super) fn json(json: &Json) -> ReplyBody {
        ReplyBody { media_type: JSON, body: printed(json).into() }
    }
}

const JSON: &str = "application/json";

impl Reply {
    pub(super) fn ok(body: Json) -> Result<Reply, AdminFault> {
        Ok(Reply(200, Some(ReplyBody::json(&body))))
    }

    pub(super) fn created(body: Json) -> Result<Reply, AdminFault> {
        Ok(Reply(201, Some(ReplyBody::json(&body))))
    }

    /// A body of JSON that is written while it is sent, if it is long.
    pub(super) fn streamed(body: BodyStream) -> Result<Reply, AdminFault> {
        Ok(Reply(200, Some(ReplyBody { media_type: JSON, body: whole_if_short(body) })))
    }

    /// A scenario file.
    pub(super) fn toml(text: String) -> Result<Reply, AdminFault> {
        Ok(Reply(200, Some(ReplyBody { media_type: "application/toml", body: text.into() })))
    }

    pub(super) fn done() -> Result<Reply, AdminFault> {
        Ok(Reply(200, None))
    }
}
