//! A client for the admin API of a running server, over plain HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use cannery::admin::AdminToken;
use cannery::model::Json;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::http::uri::Authority;
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::address::reachable;
use crate::args::{AdminAccessArgs, ServerArgs};
use crate::exit::Failure;

/// The reason why a request to the admin API failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL is not valid.
    #[error("`{0}` is not a valid address of a server: write it as in http://127.0.0.1:8080")]
    Url(String),
    /// The URL has the scheme https.
    #[error("`{0}`: the URL must start with http://, because the admin API has no TLS")]
    Https(String),
    /// The connection could not be established.
    #[error("cannot reach {0}: {1}")]
    Connect(String, std::io::Error),
    /// The connection broke.
    #[error("the connection to {0} broke off: {1}")]
    Broken(String, hyper::Error),
    /// The answer was not received in time.
    #[error("{0} does not answer within {1:?}")]
    Timeout(String, Duration),
    /// The body is incomplete, or too large.
    #[error("{0}: {1}")]
    Body(String, Box<dyn std::error::Error + Send + Sync>),
    /// The admin API does not use this status, so the server is another program.
    #[error("{0} answers with status {1}: check that it is Cannery, and that its admin path is `{2}`")]
    Status(String, u16, String),
    /// The token, the origin or the host is not accepted.
    #[error("{0} denies access with status {1}: {2}")]
    Denied(String, u16, String),
    /// The request is not valid.
    #[error("{0} refuses the request: {1}")]
    Refused(String, String),
    /// The body is not JSON, so the server is another program.
    #[error("{0} does not answer with JSON: {1}")]
    NotJson(String, cannery::model::JsonFault),
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        let message = error.to_string();
        match error {
            ClientError::Url(_) | ClientError::Https(_) | ClientError::Denied(..) | ClientError::Refused(..) => {
                Failure::Usage(message)
            }
            _ => Failure::Unreached(message),
        }
    }
}

/// The largest body that is read. A journal with the default limits is smaller.
const MAX_BODY_BYTES: usize = 1 << 30;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Starts HTTP/1.1 on a stream.
///
/// The stream is boxed so that hyper's client, which is large, is compiled once for TCP and TLS.
pub async fn http1_handshake<S>(stream: S) -> hyper::Result<SendRequest<Full<Bytes>>>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let stream: Box<dyn Stream> = Box::new(stream);
    let (sender, connection) = Builder::new().title_case_headers(true).handshake(TokioIo::new(stream)).await?;
    // The task ends with the exchange, which reports errors of the connection.
    tokio::spawn(connection);
    Ok(sender)
}

/// The admin API of one server.
#[derive(Debug)]
pub struct Client {
    host: String,
    port: u16,
    authority: String,
    admin_path: String,
    token: Option<AdminToken>,
}

impl Client {
    /// Returns a client for the server that the arguments name.
    ///
    /// # Errors
    /// If its URL or its token is not valid.
    pub fn from_args(args: &ServerArgs) -> Result<Client, Failure> {
        match &args.url {
            Some(url) => Client::from_url(url, &args.admin),
            None => {
                let port = args.admin.port()?.unwrap_or(args.port);
                let address = reachable(SocketAddr::new(args.bind_address, port));
                let (host, authority) = (address.ip().to_string(), address.to_string());
                Ok(Client {
                    host,
                    port,
                    authority,
                    admin_path: args.admin.admin_path.clone(),
                    token: args.admin.token()?,
                })
            }
        }
    }

    /// Returns a client for the server at a URL. `--admin-port` replaces the port of the URL.
    ///
    /// # Errors
    /// If the URL or the token is not valid.
    pub fn from_url(text: &str, admin: &AdminAccessArgs) -> Result<Client, Failure> {
        let (authority, path) = parse_url(text)?;
        let port = admin.port()?.or(authority.port_u16());
        // Both URLs of the ready line are accepted: `url` and `admin`.
        let admin_path = match path.trim_end_matches('/') {
            "" => admin.admin_path.clone(),
            path => path.to_owned(),
        };
        Ok(Client {
            host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: port.unwrap_or(80),
            authority: match port {
                Some(port) => format!("{}:{port}", authority.host()),
                None => authority.host().to_owned(),
            },
            admin_path,
            token: admin.token()?,
        })
    }

    /// Returns the URL of the API, for messages.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.admin_path)
    }

    /// Sends a GET request to an endpoint, and returns the JSON of the answer.
    ///
    /// # Errors
    /// If there is no answer in time, or it is not an answer of the admin API.
    pub async fn get(&self, endpoint: &str, timeout: Duration) -> Result<Json, ClientError> {
        self.with_timeout(timeout, self.exchange(Method::GET, endpoint, Bytes::new())).await
    }

    /// Sends a POST request to an endpoint, and returns the JSON of the answer.
    ///
    /// # Errors
    /// If there is no answer in time, it is not an answer of the admin API, or the request is refused.
    pub async fn post(&self, endpoint: &str, body: &Json, timeout: Duration) -> Result<Json, ClientError> {
        self.with_timeout(timeout, self.exchange(Method::POST, endpoint, body.to_string().into())).await
    }

    /// Connects and disconnects. Nothing else can be checked of a server without an admin API.
    ///
    /// # Errors
    /// If the connection cannot be made in time.
    pub async fn connect(&self, timeout: Duration) -> Result<(), ClientError> {
        self.with_timeout(timeout, async { self.stream().await.map(drop) }).await
    }

    async fn stream(&self) -> Result<TcpStream, ClientError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port));
        stream.await.map_err(|error| ClientError::Connect(self.url(), error))
    }

    async fn with_timeout<T>(
        &self,
        timeout: Duration,
        exchange: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let timed_out = |_| ClientError::Timeout(self.url(), timeout);
        tokio::time::timeout(timeout, exchange).await.map_err(timed_out)?
    }

    async fn exchange(&self, method: Method, endpoint: &str, body: Bytes) -> Result<Json, ClientError> {
        let broken = |error| ClientError::Broken(self.url(), error);
        let mut sender = http1_handshake(self.stream().await?).await.map_err(broken)?;
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/{endpoint}", self.admin_path))
            .header("Host", &self.authority)
            .header("Connection", "close");
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {}", token.reveal()));
        }
        let request = request.body(Full::new(body)).map_err(|_| ClientError::Url(self.url()))?;
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
        let body = body.map_err(|error| ClientError::Body(self.url(), error))?.to_bytes();
        match status {
            200 => Json::parse(&body).map_err(|fault| ClientError::NotJson(self.url(), fault)),
            401 | 403 => Err(ClientError::Denied(self.url(), status, error_detail(&body))),
            422 => Err(ClientError::Refused(self.url(), error_detail(&body))),
            _ => Err(ClientError::Status(self.url(), status, self.admin_path.clone())),
        }
    }
}

/// Returns the authority and the path of a server's URL.
fn parse_url(text: &str) -> Result<(Authority, String), ClientError> {
    let invalid = || ClientError::Url(text.to_owned());
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url: Uri = with_scheme.parse().map_err(|_| invalid())?;
    match url.scheme_str() {
        Some("http") => {}
        Some("https") => return Err(ClientError::Https(text.to_owned())),
        _ => return Err(invalid()),
    }
    Ok((url.authority().ok_or_else(invalid)?.clone(), url.path().to_owned()))
}

/// Returns the reasons in an error of the admin API.
fn error_detail(body: &[u8]) -> String {
    let json = Json::parse(body).unwrap_or_default();
    let Some(Json::Array(errors)) = json.get("errors") else { return "it gives no reason".to_owned() };
    let details = errors.iter().filter_map(|error| error.get("detail").and_then(Json::as_str));
    details.collect::<Vec<_>>().join("; ")
}
