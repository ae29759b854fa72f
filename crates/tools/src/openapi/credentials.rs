//! What the operator adds to every request. It goes to the API's own origin and nowhere else; no argument and no document
//! changes it.

use crate::config::{ApiKey, OpenApi, Place};
use base::{Code, Error, Result, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

/// Headers and a key.
pub(super) struct Credentials {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Name and value, encoded.
    query: Option<(String, Secret<String>)>,
    /// Name and value.
    cookie: Option<(String, Secret<String>)>,
}

impl Credentials {
    /// Reads what is configured.
    pub(super) fn new(settings: &OpenApi) -> Result<Self> {
        let mut all = Self { headers: Vec::new(), query: None, cookie: None };
        for (name, value) in &settings.headers {
            all.header(name, value.expose(), "headers")?;
        }
        if let Some(token) = &settings.auth.bearer {
            all.header("authorization", &format!("Bearer {}", token.expose()), "auth.bearer")?;
        }
        if let Some((name, password)) = &settings.auth.basic {
            let pair = STANDARD.encode(format!("{name}:{}", password.expose()));
            all.header("authorization", &format!("Basic {pair}"), "auth.basic")?;
        }
        if let Some(key) = &settings.auth.api_key {
            all.key(key)?;
        }
        Ok(all)
    }

    fn key(&mut self, key: &ApiKey) -> Result<()> {
        let value = key.value.expose();
        match key.place {
            Place::Header => self.header(&key.name, value, "auth.api_key")?,
            Place::Query => self.query = Some((key.name.clone(), Secret::new(value.clone()))),
            Place::Cookie => {
                let is_octet = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
                if !key.name.bytes().all(is_octet) || key.name.contains('=') || !value.bytes().all(is_octet) {
                    return Err(impossible("auth.api_key", "a cookie"));
                }
                self.cookie = Some((key.name.clone(), Secret::new(value.clone())));
            }
        }
        Ok(())
    }

    fn header(&mut self, name: &str, value: &str, key: &str) -> Result<()> {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| impossible(key, "a header"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| impossible(key, "a header"))?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(())
    }

    /// Adds the headers and the cookie.
    pub(super) fn put(&self, headers: &mut HeaderMap) -> Result<()> {
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        if let Some((name, value)) = &self.cookie {
            let others = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok());
            let before = others.map(|cookies| format!("{cookies}; ")).unwrap_or_default();
            let cookies = HeaderValue::from_str(&format!("{before}{name}={}", value.expose()));
            let mut cookies = cookies.map_err(|_| impossible("auth.api_key", "a cookie"))?;
            cookies.set_sensitive(true);
            headers.insert(header::COOKIE, cookies);
        }
        Ok(())
    }

    /// A path and query with the key in the query, once.
    pub(super) fn target(&self, target: &str) -> Option<Uri> {
        let Some((name, value)) = &self.query else { return target.parse().ok() };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let name = openapi::component(name);
        let own = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(name.as_str());
        let mut pairs: Vec<String> = query.split('&').filter(own).map(str::to_owned).collect();
        pairs.push(format!("{name}={}", openapi::component(value.expose())));
        format!("{path}?{}", pairs.join("&")).parse().ok()
    }

    pub(super) fn header_names(&self) -> Vec<String> {
        self.headers.iter().map(|(name, _)| name.as_str().to_owned()).collect()
    }

    pub(super) fn query_names(&self) -> Vec<String> {
        self.query.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn cookie_names(&self) -> Vec<String> {
        self.cookie.iter().map(|(name, _)| name.clone()).collect()
    }
}

fn impossible(key: &str, what: &str) -> Error {
    let message = format!("`{key}` has a name or a value that {what} cannot have");
    Error::new(Code::ConfigInvalidValue, message, "check it for line ends and for characters outside ASCII")
}

#[cfg(test)]
mod tests;
