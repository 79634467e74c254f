//! A client for the real service. It sends one request after another, each on its own connection.
//!
//! It does not follow redirects, keep cookies, retry, or use a proxy.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cannery::check::drift::ReceivedAnswer;
use cannery::message::{Request as Example, header_text};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::ext::ReasonPhrase;
use hyper::header::{CONTENT_ENCODING, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Request, Response, Uri};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::client::http1_handshake;

/// The largest body that is read.
const MAX_BODY_BYTES: usize = 16 << 20;

/// The headers of the connection, which are not taken from an example.
const CONNECTION_HEADERS: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

/// The reason why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The request is not valid HTTP.
    #[error("it cannot be sent: {0}")]
    Unsendable(String),
    /// The name of the host does not resolve.
    #[error("the name {0} does not resolve: {1}")]
    Name(String, std::io::Error),
    /// The connection could not be established.
    #[error("cannot connect to {0}: {1}")]
    Connect(String, std::io::Error),
    /// The certificate is not trusted, or the other side does not support TLS.
    #[error("TLS with {0} failed: {1}")]
    Tls(String, std::io::Error),
    /// The connection broke, or the answer is not HTTP.
    #[error("the connection to {0} broke off: {1}")]
    Broken(String, Box<dyn std::error::Error + Send + Sync>),
    /// The answer was not received in time.
    #[error("{0} does not answer within {1:?}")]
    Timeout(String, Duration),
}

/// The address of a service, and how to connect to it.
pub struct Service {
    authority: String,
    host: String,
    port: u16,
    prefix: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    timeout: Duration,
}

impl Service {
    /// Returns the service at a URL.
    ///
    /// # Errors
    /// If the URL or the file of certificate authorities is not valid.
    pub fn new(url: &str, ca: Option<&Path>, timeout: Duration) -> Result<Service, String> {
        if url.contains(['@', '?', '#']) {
            let message = "--against must be a scheme, a host and a path: give credentials with --header or --query";
            return Err(message.to_owned());
        }
        let invalid =
            || format!("`{url}` is not a valid address of a service: write it as in https://api.example.com/v2");
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        let authority = uri.authority().ok_or_else(invalid)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (port, tls) = match uri.scheme_str() {
            Some("http") if ca.is_some() => return Err("--ca must be used with an https URL, found http".to_owned()),
            Some("http") => (80, None),
            Some("https") => {
                let name = ServerName::try_from(host.clone()).map_err(|_| invalid())?;
                (443, Some((TlsConnector::from(Arc::new(tls_config(ca)?)), name)))
            }
            _ => return Err(invalid()),
        };
        let prefix = uri.path().trim_end_matches('/').to_owned();
        let port = authority.port_u16().unwrap_or(port);
        Ok(Service { authority: authority.to_string(), host, port, prefix, tls, timeout })
    }

    /// Sends the request of an example, and returns the answer.
    ///
    /// # Errors
    /// If the answer is not complete in time.
    pub async fn send(&self, example: &Example) -> Result<ReceivedAnswer, SendError> {
        let request = self.request(example).map_err(SendError::Unsendable)?;
        let late = |_| SendError::Timeout(self.authority.clone(), self.timeout);
        tokio::time::timeout(self.timeout, self.exchange(request)).await.map_err(late)?
    }

    fn request(&self, example: &Example) -> Result<Request<Full<Bytes>>, String> {
        let target = match example.head().target() {
            "*" => "*".to_owned(),
            target => format!("{}{target}", self.prefix),
        };
        // The target may contain a credential, so it is not shown.
        let uri: Uri = target.parse().map_err(|_| "its URL has a character that must be percent-encoded".to_owned())?;
        let mut headers = HeaderMap::new();
        for (name, value) in example.head().headers() {
            if CONNECTION_HEADERS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                continue;
            }
            let invalid = || format!("the header `{name}` is not valid in HTTP");
            let value = HeaderValue::from_bytes(value).map_err(|_| invalid())?;
            headers.append(HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?, value);
        }
        let agent = HeaderValue::from_static(concat!("cannery/", env!("CARGO_PKG_VERSION")));
        headers.entry(USER_AGENT).or_insert(agent);
        headers.insert(HOST, HeaderValue::from_str(&self.authority).map_err(|_| "its host".to_owned())?);
        let built = Request::builder().method(example.method()).uri(uri).body(Full::new(example.body().clone()));
        let mut request = built.map_err(|error| error.to_string())?;
        *request.headers_mut() = headers;
        Ok(request)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<ReceivedAnswer, SendError> {
        let addresses = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let addresses: Vec<_> = addresses.map_err(|error| SendError::Name(self.host.clone(), error))?.collect();
        let stream = TcpStream::connect(addresses.as_slice());
        let stream = stream.await.map_err(|error| SendError::Connect(self.authority.clone(), error))?;
        let sender = match &self.tls {
            None => http1_handshake(stream).await,
            Some((connector, name)) => {
                let secured = connector.connect(name.clone(), stream).await;
                http1_handshake(secured.map_err(|error| SendError::Tls(self.authority.clone(), error))?).await
            }
        };
        let broken = |error: hyper::Error| SendError::Broken(self.authority.clone(), error.into());
        let response = sender.map_err(broken)?.send_request(request).await.map_err(broken)?;
        self.receive(response).await
    }

    async fn receive(&self, response: Response<Incoming>) -> Result<ReceivedAnswer, SendError> {
        let (head, body) = response.into_parts();
        let reason = match head.extensions.get::<ReasonPhrase>() {
            Some(phrase) => header_text(phrase.as_bytes()).into_owned(),
            None => head.status.canonical_reason().unwrap_or_default().to_owned(),
        };
        let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
            Ok(collected) => decompressed(collected.to_bytes(), &head.headers),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(error) => return Err(SendError::Broken(self.authority.clone(), error)),
        };
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), header_text(value.as_bytes()).into_owned()))
            .collect();
        Ok(ReceivedAnswer { status: head.status.as_u16(), reason, headers, body })
    }
}

/// Returns a configuration that trusts the public authorities and those of a file.
fn tls_config(ca: Option<&Path>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca {
        let invalid = |why: String| format!("--ca {}: {why}", path.display());
        let read = CertificateDer::pem_file_iter(path).map_err(|error| invalid(error.to_string()))?;
        let mut count = 0;
        for certificate in read {
            let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
            roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(invalid("the file has no certificate".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Decodes the Content-Encoding of a body.
fn decompressed(body: Bytes, headers: &HeaderMap) -> Result<Bytes, String> {
    let coding = headers.get(CONTENT_ENCODING).map(|value| header_text(value.as_bytes()).to_ascii_lowercase());
    match coding.as_deref().map(str::trim) {
        None | Some("" | "identity") => Ok(body),
        Some(_) if body.is_empty() => Ok(body),
        Some("gzip" | "x-gzip") => {
            let mut plain = Vec::new();
            let mut reader = flate2::read::MultiGzDecoder::new(&body[..]).take(MAX_BODY_BYTES as u64 + 1);
            reader.read_to_end(&mut plain).map_err(|error| format!("not gzip: {error}"))?;
            if plain.len() > MAX_BODY_BYTES { Err(too_large()) } else { Ok(plain.into()) }
        }
        Some(coding) => Err(format!("its Content-Encoding `{coding}` is not supported")),
    }
}

fn too_large() -> String {
    format!("larger than {} MiB", MAX_BODY_BYTES >> 20)
}
