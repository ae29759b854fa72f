//! Signed statements by which a client proves who it is (RFC 7523; `private_key_jwt`).

use base::{Code, Error, Result, Secret, random};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use serde_json::json;
use std::time::Duration;

/// How long a statement holds, in seconds.
const LIFE: u64 = 120;

/// A key that signs for a client.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// PKCS#8 in PEM.
    pub pem: &'a Secret<String>,
    /// Its id at the authorization server.
    pub id: Option<&'a str>,
    /// The time since 1970.
    pub now: Duration,
}

enum Signer {
    Ecdsa(EcdsaKeyPair, &'static str),
    Edwards(Ed25519KeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// A statement by `client` for the authorization server `issuer`.
pub fn sign(client: &str, issuer: &str, key: &Key<'_>) -> Result<String> {
    let signer = Signer::read(key.pem.expose())?;
    let now = key.now.as_secs();
    let mut header = json!({"alg": signer.algorithm(), "typ": "JWT"});
    if let Some(id) = key.id {
        header["kid"] = id.into();
    }
    let claims = json!({
        "iss": client, "sub": client, "aud": issuer, "iat": now, "nbf": now, "exp": now + LIFE, "jti": random::hex::<16>()?,
    });
    let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = signer.sign(text.as_bytes()).ok_or_else(|| unusable("it cannot sign"))?;
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Whether `pem` is a key that can sign, for a check before it is used.
pub fn check(pem: &str) -> Result<()> {
    Signer::read(pem).map(drop)
}

impl Signer {
    fn read(pem: &str) -> Result<Self> {
        let bytes = pkcs8(pem).ok_or_else(|| unusable("it is not PEM with `BEGIN PRIVATE KEY`"))?;
        let random = SystemRandom::new();
        let elliptic = [(&ECDSA_P256_SHA256_FIXED_SIGNING, "ES256"), (&ECDSA_P384_SHA384_FIXED_SIGNING, "ES384")];
        for (algorithm, name) in elliptic {
            if let Ok(pair) = EcdsaKeyPair::from_pkcs8(algorithm, &bytes, &random) {
                return Ok(Signer::Ecdsa(pair, name));
            }
        }
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes) {
            return Ok(Signer::Edwards(pair));
        }
        let pair = RsaKeyPair::from_pkcs8(&bytes).map_err(|_| {
            unusable("it is no key of P-256, P-384, Ed25519 or RSA (2048 bits or more) with its public part")
        })?;
        Ok(Signer::Rsa(Box::new(pair)))
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Signer::Ecdsa(_, name) => name,
            Signer::Edwards(_) => "EdDSA",
            Signer::Rsa(_) => "RS256",
        }
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Signer::Ecdsa(pair, _) => pair.sign(&random, text).ok().map(|signature| signature.as_ref().to_vec()),
            Signer::Edwards(pair) => Some(pair.sign(text).as_ref().to_vec()),
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).ok().map(|()| signature)
            }
        }
    }
}

/// The bytes between the lines of a PEM file. A variable may hold it with `\n` for its line ends.
fn pkcs8(pem: &str) -> Option<Vec<u8>> {
    let pem = pem.replace("\\n", "\n");
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()
}

fn unusable(why: &str) -> Error {
    let next =
        "write it as PKCS#8 PEM, for example from `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`";
    Error::new(Code::ClientKey, format!("the private key of a client cannot be used: {why}"), next)
}

#[cfg(test)]
mod tests;
