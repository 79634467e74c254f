//! HTTPS: generates a certificate, and accepts TLS on a connection.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A certificate for `localhost`, 127.0.0.1 and ::1, signed by an authority that clients can be configured to trust.
///
/// Both are generated and stay in memory, so no key is left anywhere that would make a machine trust what it should not.
/// An identity is cheap to clone. If the servers of a process share one, a client that trusts its authority trusts all of
/// them.
///
/// ```
/// use cannery::server::tls::Identity;
///
/// let identity = Identity::generate()?;
/// assert!(identity.ca_pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
/// # Ok::<(), cannery::server::tls::IdentityError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Identity {
    ca_pem: Arc<str>,
    config: Arc<ServerConfig>,
}

/// The error if no certificate could be generated.
#[derive(Debug)]
pub struct IdentityError(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot generate a certificate: {}", self.0)
    }
}

impl std::error::Error for IdentityError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// The name of HTTP/2 in ALPN (RFC 9113 §3.2).
pub(super) const HTTP2: &[u8] = b"h2";

const HTTP1: &[u8] = b"http/1.1";

/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

impl Identity {
    /// Generates an authority and a certificate.
    ///
    /// # Errors
    /// If the system provides no random bytes.
    pub fn generate() -> Result<Identity, IdentityError> {
        let (ca_key, key) =
            (KeyPair::generate().map_err(identity_error)?, KeyPair::generate().map_err(identity_error)?);
        let authority = authority();
        let ca = authority.self_signed(&ca_key).map_err(identity_error)?;
        let certificate = leaf().map_err(identity_error)?;
        let certificate =
            certificate.signed_by(&key, &Issuer::from_params(&authority, &ca_key)).map_err(identity_error)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key))
            .map_err(identity_error)?;
        config.alpn_protocols = [HTTP2, HTTP1].into_iter().filter(is_supported).map(<[u8]>::to_vec).collect();
        Ok(Identity { ca_pem: pem(ca.der()).into(), config: Arc::new(config) })
    }

    /// The certificate of the authority as PEM, for clients to trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Accepts TLS on a connection. Returns `None` if the handshake fails.
    pub(super) async fn accept(&self, socket: TcpStream) -> Option<TlsStream<TcpStream>> {
        let accepted = TlsAcceptor::from(self.config.clone()).accept(socket);
        tokio::time::timeout(HANDSHAKE_TIMEOUT, accepted).await.ok()?.ok()
    }
}

fn is_supported(name: &&[u8]) -> bool {
    *name != HTTP2 || cfg!(feature = "http2")
}

fn identity_error(error: impl std::error::Error + Send + Sync + 'static) -> IdentityError {
    IdentityError(Box::new(error))
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Cannery test authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(["localhost".to_owned()])?;
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
    params.distinguished_name = named("Cannery");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

/// A certificate as text (RFC 7468) with 64 characters a line.
fn pem(certificate: &CertificateDer<'_>) -> String {
    const LINE: usize = 64;
    let packed = STANDARD.encode(certificate);
    let lines = packed.as_bytes().chunks(LINE).map(|line| String::from_utf8_lossy(line) + "\n");
    format!("-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n", lines.collect::<String>())
}
