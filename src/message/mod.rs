//! Requests: their bytes, and views of these such as headers, JSON and XML.
//!
//! Each view is parsed on first use, and at most once. The rooms above compare views with stubs.

mod body_views;
mod charset;
mod charset_encode;
mod content_disposition;
mod content_encoding;
mod document;
mod draft;
mod fields;
mod file_type;
mod form;
mod head;
mod media_type;
mod multipart;
mod path_template;
mod percent;
mod protocol;
mod redaction;
mod request;
mod secret;
mod secrets;
mod sha256;
mod target;
mod visible;
mod xml;

pub(crate) use body_views::read_json;
pub(crate) use charset_encode::{Charset, Unencodable};
pub use document::{Document, Unreadable};
pub(crate) use draft::body_json;
pub use draft::{RequestDraft, Unsendable};
pub use fields::header_text;
pub(crate) use fields::{header_value, is_token, is_token_byte, standard_reason};
pub(crate) use file_type::{BYTES, TEXT, media_type_of_file};
pub use head::Head;
pub(crate) use head::{Span, end_of};
#[cfg(feature = "check")]
pub(crate) use media_type::strict_charset_text;
pub use media_type::{Accepted, MediaType, accepted};
pub(crate) use media_type::{charset_of, split_outside_quotes, strict_text, unquote};
pub use multipart::Part;
pub use path_template::PathError;
#[cfg(feature = "files")]
pub(crate) use path_template::placeholder_name;
pub(crate) use path_template::{SegmentShape, parse_path_template, placeholder_remedy};
pub use percent::{decode_form, decode_segment, encode_segment};
pub use protocol::{HttpVersion, Protocol};
pub use redaction::Redaction;
pub use request::Request;
pub use secret::{is_secret, is_secret_parameter, is_secret_path, redacted_target};
pub use secrets::Secrets;
pub(crate) use secrets::basic_credentials;
pub(crate) use sha256::Sha256;
pub use target::{BaseLength, Segment};
pub use visible::{visible, visible_coloured, visible_json, visible_lines};
pub(crate) use xml::NodeId;
#[cfg(feature = "xpath")]
pub(crate) use xml::NodeKind;
pub use xml::{XmlDocument, XmlElement, XmlFault, XmlName, XmlNode};
