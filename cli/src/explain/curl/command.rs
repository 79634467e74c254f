//! The options of a curl command together, and the request that they make.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cannery::message::RequestDraft;

use crate::explain::shell::lossy;

use super::data;
use super::error::CurlError;
use super::files::{Files, read};
use super::form::{self, Field};
use super::options::{CurlOption, Meaning};
use super::url::{self, Address};

/// The User-Agent of curl, with a version that exists.
const USER_AGENT: &str = "curl/8.0.0";

/// The options so far.
#[derive(Debug, Default)]
pub struct CurlCommand {
    url: Option<Vec<u8>>,
    method: Option<Vec<u8>>,
    /// Lines such as `Accept: */*`, as in the command.
    headers: Vec<Vec<u8>>,
    data: Option<Vec<u8>>,
    is_json: bool,
    fields: Vec<Field>,
    get: bool,
    head: bool,
    user: Option<Vec<u8>>,
    bearer: Option<Vec<u8>>,
    cookies: Vec<Vec<u8>>,
    user_agent: Option<Vec<u8>>,
    referer: Option<Vec<u8>>,
    compressed: bool,
    globoff: bool,
}

impl CurlCommand {
    pub fn add_url(&mut self, url: &[u8]) -> Result<(), CurlError> {
        match self.url.replace(url.to_vec()) {
            None => Ok(()),
            Some(_) => Err(CurlError::Several("it has more than one URL")),
        }
    }

    pub fn apply(&mut self, option: CurlOption, value: Vec<u8>, files: Files<'_>) -> Result<(), CurlError> {
        match option.meaning {
            Meaning::Ignored | Meaning::IgnoredWithValue => {}
            Meaning::Next => return Err(CurlError::Several("`--next` begins another")),
            Meaning::Unsupported(remedy) => return Err(CurlError::Unsupported(option.names(), remedy)),
            Meaning::Method => self.method = Some(value),
            Meaning::Header => self.add_header(value, files)?,
            Meaning::Data | Meaning::DataRaw | Meaning::DataBinary | Meaning::DataUrlencode | Meaning::Json => {
                data::add(&mut self.data, option.meaning, option.long, &value, files)?;
                self.is_json |= option.meaning == Meaning::Json;
            }
            Meaning::Form => self.fields.push(form::field(&value, files)?),
            Meaning::Get => self.get = true,
            Meaning::Head => self.head = true,
            Meaning::Url => self.add_url(&value)?,
            Meaning::User => self.user = Some(value),
            Meaning::Bearer => self.bearer = Some(value),
            // An empty value only switches on curl's cookie store.
            Meaning::Cookie if value.is_empty() => {}
            Meaning::Cookie if !value.contains(&b'=') => {
                let message = format!("must be name=value, found a file of cookies, `{}`", lossy(&value));
                return Err(CurlError::Value("cookie", message));
            }
            Meaning::Cookie => self.cookies.push(value),
            Meaning::UserAgent => self.user_agent = Some(value),
            Meaning::Referer => self.referer = Some(value.strip_suffix(b";auto").unwrap_or(&value).to_vec()),
            Meaning::Compressed => self.compressed = true,
            Meaning::Globoff => self.globoff = true,
        }
        Ok(())
    }

    fn add_header(&mut self, value: Vec<u8>, files: Files<'_>) -> Result<(), CurlError> {
        match value.strip_prefix(b"@") {
            None => self.headers.push(value),
            Some(path) => {
                let text = read("header", path, files)?;
                let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
                self.headers.extend(lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec));
            }
        }
        Ok(())
    }

    pub fn draft(mut self) -> Result<RequestDraft, CurlError> {
        let has_data = self.data.is_some() && !self.get;
        if [has_data, !self.fields.is_empty(), self.head].iter().filter(|one| **one).count() > 1 {
            return Err(CurlError::Conflict("`--data`, `--form` and `--head`"));
        }
        let address = self.address()?;
        if self.is_json {
            for (name, line) in [("content-type", "Content-Type"), ("accept", "Accept")] {
                if !self.custom(name) {
                    self.headers.push(format!("{line}: application/json").into_bytes());
                }
            }
        }
        let (body, media) = self.body(has_data);
        let default_method = match () {
            () if body.is_some() => "POST",
            () if self.head => "HEAD",
            () => "GET",
        };
        let method = self.method.as_deref().map_or_else(|| default_method.to_owned(), lossy);
        let headers = self.all_headers(&address, body.as_ref().map(Vec::len), media)?;
        Ok(RequestDraft { method, target: address.target, headers, body: body.unwrap_or_default().into() })
    }

    fn address(&self) -> Result<Address, CurlError> {
        let url = self.url.as_deref().ok_or(CurlError::NoUrl)?;
        let url = lossy(url);
        if !self.globoff && url::has_glob(&url) {
            return Err(CurlError::Glob(url));
        }
        let query = self.data.as_deref().filter(|_| self.get).map(lossy);
        url::address(&url, query.as_deref())
    }

    /// Returns the body, and its media type unless a header gives one.
    fn body(&self, has_data: bool) -> (Option<Vec<u8>>, Option<String>) {
        if has_data {
            return (self.data.clone(), Some("application/x-www-form-urlencoded".to_owned()));
        }
        if self.fields.is_empty() {
            return (None, None);
        }
        let media = self.custom_value("content-type").unwrap_or_else(|| form::FORM_DATA.to_owned());
        let (body, boundary) = form::write(&self.fields, &media);
        (Some(body), Some(format!("{media}; boundary={boundary}")))
    }

    /// Returns all headers in curl's order: its own, the given ones, those of the body.
    fn all_headers(
        &self,
        address: &Address,
        length: Option<usize>,
        media: Option<String>,
    ) -> Result<Vec<(String, Vec<u8>)>, CurlError> {
        let is_form = !self.fields.is_empty();
        let host = self.custom_value("host").unwrap_or_else(|| address.host.clone());
        let mut headers = vec![("Host".to_owned(), host.into_bytes())];
        for (name, value) in self.own_headers(address)? {
            if !self.custom(name) {
                headers.push((name.to_owned(), value));
            }
        }
        let given = self.headers.iter().filter_map(|line| parsed_header(line));
        headers.extend(given.filter(|(name, _)| {
            let elsewhere = name.eq_ignore_ascii_case("host") || is_form && name.eq_ignore_ascii_case("content-type");
            !elsewhere
        }));
        let length = length.filter(|_| !self.custom("content-length") && !self.custom("transfer-encoding"));
        headers.extend(length.map(|length| ("Content-Length".to_owned(), length.to_string().into_bytes())));
        let media = media.filter(|_| is_form || !self.custom("content-type"));
        headers.extend(media.map(|media| ("Content-Type".to_owned(), media.into_bytes())));
        Ok(headers)
    }

    /// Returns the headers that curl adds itself.
    fn own_headers(&self, address: &Address) -> Result<Vec<(&'static str, Vec<u8>)>, CurlError> {
        let mut own = Vec::new();
        match (self.user.as_ref().or(address.user.as_ref()), &self.bearer) {
            (_, Some(token)) => own.push(("Authorization", [b"Bearer ", token.as_slice()].concat())),
            (None, None) => {}
            (Some(user), None) => {
                let user = match (user.contains(&b':'), &self.user) {
                    (true, _) => user.clone(),
                    (false, Some(_)) => {
                        let message = "must be user:password, found no password: curl would ask for it";
                        return Err(CurlError::Value("user", message.to_owned()));
                    }
                    (false, None) => [user.as_slice(), b":"].concat(),
                };
                own.push(("Authorization", format!("Basic {}", STANDARD.encode(user)).into_bytes()));
            }
        }
        let agent = self.user_agent.clone().unwrap_or_else(|| USER_AGENT.into());
        own.extend(Some(("User-Agent", agent)).filter(|(_, agent)| !agent.is_empty()));
        own.push(("Accept", b"*/*".to_vec()));
        own.extend(self.compressed.then(|| ("Accept-Encoding", b"deflate, gzip, br, zstd".to_vec())));
        let referer = self.referer.clone().filter(|referer| !referer.is_empty());
        own.extend(referer.map(|referer| ("Referer", referer)));
        own.extend((!self.cookies.is_empty()).then(|| ("Cookie", self.cookies.join(&b';'))));
        Ok(own)
    }

    /// Returns whether a header was given, or removed with `Name:`.
    fn custom(&self, name: &str) -> bool {
        self.headers.iter().any(|line| name_of(line).eq_ignore_ascii_case(name.as_bytes()))
    }

    fn custom_value(&self, name: &str) -> Option<String> {
        let given = self.headers.iter().filter_map(|line| parsed_header(line));
        given.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| lossy(&value))
    }
}

fn name_of(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|byte| matches!(byte, b':' | b';')).unwrap_or(line.len());
    line[..end].trim_ascii()
}

/// Parses a line as a header. `Name:` removes a header, so it is `None`; `Name;` sends an empty one.
fn parsed_header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let name = lossy(name_of(line));
    match line.iter().position(|byte| *byte == b':') {
        Some(colon) => {
            let value = line[colon + 1..].trim_ascii();
            (!value.is_empty()).then(|| (name, value.to_vec()))
        }
        None => line.ends_with(b";").then(|| (name, Vec::new())),
    }
}
