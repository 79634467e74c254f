//! What was sent: a request that keeps its bytes and shows its views.
//!
//! Parsing happens at most once for each view and only when somebody asks. Whether a view satisfies anything is
//! the business of the rooms above.

mod charset;
mod document;
mod draft;
mod head;
mod media_type;
mod multipart;
mod packed;
mod percent;
mod protocol;
mod request;
mod secret;
mod sha256;
mod target;
mod xml;

pub use document::{Document, Unreadable};
pub(crate) use draft::body_json;
pub use draft::{RequestDraft, Unsendable};
pub use head::Head;
pub(crate) use head::{Span, end_of, header_text};
pub use media_type::{Accepted, MediaType, accepted};
pub(crate) use media_type::{split_outside_quotes, unquote};
pub use multipart::Part;
pub use percent::{decode_form, decode_segment, encode_segment};
pub use protocol::{HttpVersion, Protocol};
pub use request::Request;
pub use secret::{is_secret, redacted_target};
pub(crate) use sha256::Sha256;
pub use target::Segment;
pub(crate) use xml::NodeId;
#[cfg(feature = "xpath")]
pub(crate) use xml::NodeKind;
pub use xml::{XmlDocument, XmlElement, XmlFault, XmlName, XmlNode};
