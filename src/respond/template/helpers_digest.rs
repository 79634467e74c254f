//! Helpers for hashes, and for what is signed with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::model::Json;
use crate::respond::charge;
use crate::respond::fault::quoted;

use super::call::{Call, HelperSpec};
use super::failure::{Failure, wrong};
use super::helpers_bytes::to_hex;
use super::helpers_text::text;
use super::value::Evaluated;

pub(super) const HELPERS: &[HelperSpec] = &[
    HelperSpec::new("hash", 1, 1, hash).with(&["algorithm", "bytes"]),
    HelperSpec::new("hmac", 2, 2, hmac).with(&["algorithm"]),
    HelperSpec::new("jwt", 2, 2, jwt).with(&["algorithm"]).looks_inside(),
];

/// Hashes the parts of a message one after another.
type DigestParts = fn(&[&[u8]]) -> Vec<u8>;

/// A hash function and the size of its blocks.
struct HashFunction {
    digest: DigestParts,
    block: usize,
}

const SHA224: HashFunction = HashFunction { digest: digest::<Sha224>, block: 64 };
const SHA256: HashFunction = HashFunction { digest: digest::<Sha256>, block: 64 };
const SHA384: HashFunction = HashFunction { digest: digest::<Sha384>, block: 128 };
const SHA512: HashFunction = HashFunction { digest: digest::<Sha512>, block: 128 };

impl HashFunction {
    /// Returns the function that the option `algorithm` names; SHA-256 if it is not given.
    fn given(call: &Call<'_>) -> Result<HashFunction, Failure> {
        match call.option("algorithm")?.as_deref() {
            None | Some("sha256") => Ok(SHA256),
            Some("sha224") => Ok(SHA224),
            Some("sha384") => Ok(SHA384),
            Some("sha512") => Ok(SHA512),
            Some(other) => {
                let name = call.spec.name;
                Err(wrong(format!("`{name}` knows sha224, sha256, sha384 and sha512, not {}", quoted(other))))
            }
        }
    }

    /// Returns the authentication code of a message (RFC 2104).
    fn hmac(&self, key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut padded = if key.len() > self.block { (self.digest)(&[key]) } else { key.to_vec() };
        padded.resize(self.block, 0);
        let masked = |mask: u8| padded.iter().map(|byte| byte ^ mask).collect::<Vec<u8>>();
        let inner = (self.digest)(&[&masked(0x36), message]);
        (self.digest)(&[&masked(0x5c), &inner])
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = D::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().to_vec()
}

/// Charges the steps of hashing, which takes longer for each byte than other helpers do.
fn charge_hashing(bytes: usize) -> Result<(), Failure> {
    Ok(charge::steps(bytes / 4)?)
}

fn hash(call: &Call<'_>) -> Evaluated<'static> {
    let source = call.text(0)?;
    charge_hashing(source.len())?;
    let mut digest = (HashFunction::given(call)?.digest)(&[source.as_bytes()]);
    if let Some(length) = call.size_option("bytes")? {
        if length > digest.len() {
            return Err(wrong(format!("the hash has {} bytes, fewer than {length}", digest.len())));
        }
        digest.truncate(length);
    }
    text(to_hex(&digest))
}

/// The bytes that an authentication code hashes besides its message and its key.
const BLOCKS: usize = 512;

fn hmac(call: &Call<'_>) -> Evaluated<'static> {
    let (source, key) = (call.text(0)?, call.text(1)?);
    charge_hashing(BLOCKS + source.len() + key.len())?;
    text(to_hex(&HashFunction::given(call)?.hmac(key.as_bytes(), source.as_bytes())))
}

/// Returns a signed JSON Web Token (RFC 7519) in the compact form.
fn jwt(call: &Call<'_>) -> Evaluated<'static> {
    let (claims, key) = (call.present(0)?.json(), call.text(1)?);
    if !matches!(*claims, Json::Object(_)) {
        return Err(call.not_a(0, "an object of claims"));
    }
    let algorithm = call.option("algorithm")?;
    let (name, function) = match algorithm.as_deref() {
        None | Some("HS256") => ("HS256", SHA256),
        Some("HS384") => ("HS384", SHA384),
        Some("HS512") => ("HS512", SHA512),
        Some(other) => return Err(wrong(format!("`jwt` knows HS256, HS384 and HS512, not {}", quoted(other)))),
    };
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{name}","typ":"JWT"}}"#));
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(charge::json_text(&claims)?));
    charge_hashing(BLOCKS + signed.len() + key.len())?;
    let signature = URL_SAFE_NO_PAD.encode(function.hmac(key.as_bytes(), signed.as_bytes()));
    text(format!("{signed}.{signature}"))
}
