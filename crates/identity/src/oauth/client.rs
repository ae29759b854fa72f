//! Who Tutti is at an authorization server, and how it proves that at the token endpoint (RFC 6749, section 2.3).

use super::assertion::{self, Key};
use super::form;
use base::{Result, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A client as one authorization server knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret, if it has one.
    pub secret: Option<Secret<String>>,
    /// How it proves who it is.
    pub method: Method,
    /// How it came to be.
    pub origin: Origin,
    /// Where its logins come back to, as it was registered.
    pub redirect_uri: Option<String>,
}

/// How a client came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An operator registered it.
    Configured,
    /// Its id is the address of a document (CIMD).
    Document,
    /// It registered itself (RFC 7591).
    Registered,
}

/// How a client proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Not at all: it has no secret.
    None,
    /// In the `Authorization` header.
    Basic,
    /// In the body.
    Post,
    /// With a signature (RFC 7523).
    PrivateKey,
}

impl Method {
    /// The name of the standard.
    pub const fn name(self) -> &'static str {
        match self {
            Method::None => "none",
            Method::Basic => "client_secret_basic",
            Method::Post => "client_secret_post",
            Method::PrivateKey => "private_key_jwt",
        }
    }

    /// The method of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Method::None, Method::Basic, Method::Post, Method::PrivateKey].into_iter().find(|method| method.name() == name)
    }

    /// The method for a client: what its registration says, or else the best that the server supports.
    pub fn choose(supported: &[String], registered: Option<&str>, has_secret: bool, has_key: bool) -> Self {
        if has_key {
            return Method::PrivateKey;
        }
        if !has_secret {
            return Method::None;
        }
        let offered = |method: &Method| supported.iter().any(|name| name == method.name());
        let registered = registered.and_then(Method::named).filter(|method| *method != Method::PrivateKey);
        registered
            .or_else(|| [Method::Basic, Method::Post, Method::None].into_iter().find(offered))
            .unwrap_or(Method::Basic)
    }
}

/// What a token request carries besides what it asks for.
#[derive(Debug, Default)]
pub struct Proof {
    /// The value of `Authorization`.
    pub header: Option<Secret<String>>,
    /// Parameters of the body.
    pub parameters: Vec<(&'static str, String)>,
}

impl Client {
    /// The proof for a request to `issuer`.
    pub fn proof(&self, issuer: &str, key: Option<Key<'_>>) -> Result<Proof> {
        let id = ("client_id", self.id.clone());
        let secret = self.secret.as_ref().map_or("", |secret| secret.expose());
        Ok(match (self.method, key) {
            (Method::Basic, _) => {
                // Both are form-encoded first (RFC 6749, section 2.3.1).
                let pair = format!("{}:{}", form::escape(&self.id), form::escape(secret));
                let header = Some(Secret::new(format!("Basic {}", STANDARD.encode(pair))));
                Proof { header, parameters: Vec::new() }
            }
            (Method::Post, _) => Proof { header: None, parameters: vec![id, ("client_secret", secret.to_owned())] },
            (Method::PrivateKey, Some(key)) => {
                let assertion = assertion::sign(&self.id, issuer, &key)?;
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
                let parameters = vec![id, ("client_assertion_type", kind), ("client_assertion", assertion)];
                Proof { header: None, parameters }
            }
            (Method::PrivateKey | Method::None, _) => Proof { header: None, parameters: vec![id] },
        })
    }
}

#[cfg(test)]
mod tests;
