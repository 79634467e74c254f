//! HTTPS: a certificate made on the spot, and TLS over a connection.

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

/// What a server is known by: a certificate for `localhost`, 127.0.0.1 and ::1, signed by an authority that clients can be
/// told to trust.
///
/// Both are made anew and stay in memory, so no key is left anywhere that would make a machine trust what it should not.
/// An identity is cheap to clone, and any number of servers may have the same one: where those of a process share one, a
/// client that trusts its authority trusts all of them, and nothing is made twice.
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

/// Why no certificate could be made.
#[derive(Debug)]
pub struct IdentityError(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no certificate can be made: {}", self.0)
    }
}

impl std::error::Error for IdentityError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// The name of HTTP/2 in TLS (RFC 9113 §3.2).
pub(super) const HTTP2: &[u8] = b"h2";

const HTTP1: &[u8] = b"http/1.1";

/// A client that has not agreed on TLS after so long is let go.
const HANDSHAKE: Duration = Duration::from_secs(10);

impl Identity {
    /// Makes an authority and a certificate.
    ///
    /// # Errors
    /// Where the system has no random bytes to give.
    pub fn generate() -> Result<Identity, IdentityError> {
        let (ca_key, key) = (KeyPair::generate().map_err(why)?, KeyPair::generate().map_err(why)?);
        let authority = authority();
        let ca = authority.self_signed(&ca_key).map_err(why)?;
        let certificate = leaf().map_err(why)?;
        let certificate = certificate.signed_by(&key, &Issuer::from_params(&authority, &ca_key)).map_err(why)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key))
            .map_err(why)?;
        config.alpn_protocols = [HTTP2, HTTP1].into_iter().filter(spoken).map(<[u8]>::to_vec).collect();
        Ok(Identity { ca_pem: pem(ca.der()).into(), config: Arc::new(config) })
    }

    /// The certificate of the authority (PEM), for clients to trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// TLS over a connection, where the client agrees on it.
    pub(super) async fn accept(&self, socket: TcpStream) -> Option<TlsStream<TcpStream>> {
        let accepted = TlsAcceptor::from(self.config.clone()).accept(socket);
        tokio::time::timeout(HANDSHAKE, accepted).await.ok()?.ok()
    }
}

fn spoken(name: &&[u8]) -> bool {
    *name != HTTP2 || cfg!(feature = "http2")
}

fn why(error: impl std::error::Error + Send + Sync + 'static) -> IdentityError {
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

/// A certificate as text (RFC 7468), 64 characters a line.
fn pem(certificate: &CertificateDer<'_>) -> String {
    const LINE: usize = 64;
    let packed = STANDARD.encode(certificate);
    let lines = packed.as_bytes().chunks(LINE).map(|line| String::from_utf8_lossy(line) + "\n");
    format!("-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n", lines.collect::<String>())
}
