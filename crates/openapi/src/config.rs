//! An entry of `servers:` that is an HTTP API with an OpenAPI document.

use crate::{Address, Selection, Transform};
use base::config::{Problems, Section, entries};
use base::{Code, Secret};
use std::path::{Path, PathBuf};

/// An HTTP API, as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenApi {
    /// Its document.
    pub document: Document,
    /// Where it is, in place of what the document says.
    pub base: Option<Address>,
    /// Which of its operations are served.
    pub selection: Selection,
    /// Whether there is a list of what is served. Without one, what only reads is.
    pub selected: bool,
    /// Headers of every request. Values are secrets.
    pub headers: Vec<(String, Secret<String>)>,
    /// The credential of every request.
    pub auth: Auth,
    /// Whether arguments in the path may have slashes, sent as `%2F`.
    pub encoded_slashes: bool,
    /// What is changed about operations, by `operationId` or `METHOD /path`.
    pub transforms: Vec<(String, Transform)>,
}

/// Where a document is.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// A file, and the digest of what it held when the configuration was read: a document that changes makes another
    /// server.
    File(PathBuf, Option<[u8; 32]>),
    /// An address.
    Url(String),
}

/// What is sent so that an API knows its caller.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Auth {
    /// A bearer token.
    pub bearer: Option<Secret<String>>,
    /// A user and a password.
    pub basic: Option<(String, Secret<String>)>,
    /// A key.
    pub api_key: Option<ApiKey>,
}

/// A key, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiKey {
    /// Where.
    pub place: Place,
    /// The name of the header, the parameter or the cookie.
    pub name: String,
    /// The key itself.
    pub value: Secret<String>,
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a header.
    Header,
    /// In the query.
    Query,
    /// In a cookie.
    Cookie,
}

/// Reads the keys of such an entry. `digest` is what makes a digest of what a file holds. Nothing when the entry is too broken to be
/// used.
pub fn read(
    problems: &Problems,
    section: &mut Section<'_>,
    document: &str,
    headers: Vec<(String, String)>,
    folder: &Path,
    digest: impl Fn(&Path) -> Option<[u8; 32]>,
) -> Option<OpenApi> {
    let document = if document.contains("://") {
        if let Err(why) = Address::parse_resource(document) {
            let next = "write it as https://host/path, or name a file";
            problem(section, "openapi", format!("the address of the document {why}"), next);
            return None;
        }
        Document::Url(document.to_owned())
    } else {
        let path = folder.join(document);
        let digest = digest(&path);
        Document::File(path, digest)
    };
    let base = match section.text("base_url").map(|text| Address::parse(&text)) {
        None => None,
        Some(Ok(address)) => Some(address),
        Some(Err(why)) => {
            problem(section, "base_url", format!("the `base_url` {why}"), "write it as https://host/path");
            return None;
        }
    };
    let (selection, selected) = selection(section)?;
    let auth = section.section("auth").map(auth).unwrap_or_default();
    let encoded_slashes = section.boolean("encoded_slashes").unwrap_or(false);
    let headers = headers.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
    let transforms = transforms(problems, section);
    Some(OpenApi { document, base, selection, selected, headers, auth, encoded_slashes, transforms })
}

/// Refuses the keys that only such an entry has, in an entry of another kind.
pub fn know(section: &mut Section<'_>) {
    // Who has a `url` has an `auth` too, of another kind.
    let _ = section.node("auth");
    for key in ["base_url", "operations", "encoded_slashes", "transform"] {
        if section.has(key) && !section.has("openapi") {
            let message = format!("`{}` has `{key}`, which is for `openapi` only", section.path());
            problem(section, key, message, "take it out, or name the document under `openapi`");
        }
        let _ = section.node(key);
    }
}

fn problem(section: &Section<'_>, key: &str, message: String, next: &str) {
    section.problem(key, Code::ConfigInvalidValue, message, next.to_owned());
}

fn selection(section: &mut Section<'_>) -> Option<(Selection, bool)> {
    let Some(mut operations) = section.section("operations") else {
        return Some((Selection::default(), false));
    };
    let allow = operations.texts("allow");
    let selected = allow.is_some();
    let deny = operations.texts("deny").unwrap_or_default();
    let made = Selection::new(allow, deny);
    if let Err(error) = &made {
        operations.problem("allow", error.code(), error.message().to_owned(), error.next().to_owned());
    }
    operations.finish();
    Some((made.ok()?, selected))
}

fn transforms(problems: &Problems, section: &mut Section<'_>) -> Vec<(String, Transform)> {
    let Some(node) = section.node("transform") else { return Vec::new() };
    let (file, path) = (section.file(), format!("{}.transform", section.path()));
    let mut transforms = Vec::new();
    for entry in entries(problems, file, &path, node) {
        let path = format!("{path}.{}", entry.key);
        let Some(mut one) = Section::new(problems, file, &path, &entry.node) else { continue };
        let input = one.node("input").map(crate::json);
        let (request, response) = (one.text("request"), one.text("response"));
        match Transform::new(input, request, response) {
            Ok(transform) => transforms.push((entry.key.clone(), transform)),
            Err(error) => {
                let message = format!("`{path}`: {}", error.message());
                one.problem("request", error.code(), message, error.next().to_owned());
            }
        }
        one.finish();
    }
    transforms
}

fn auth(mut section: Section<'_>) -> Auth {
    let bearer = section.text("bearer").map(Secret::new);
    let basic = section.section("basic").and_then(|mut basic| {
        let pair = basic.required_text("username").zip(basic.required_text("password"));
        basic.finish();
        pair.map(|(name, password)| (name, Secret::new(password)))
    });
    let api_key = section.section("api_key").and_then(|mut key| {
        let places = [("header", Place::Header), ("query", Place::Query), ("cookie", Place::Cookie)];
        let place = key.choice("in", &places).unwrap_or(Place::Header);
        let pair = key.required_text("name").zip(key.required_text("value"));
        key.finish();
        pair.map(|(name, value)| ApiKey { place, name, value: Secret::new(value) })
    });
    if bearer.is_some() && basic.is_some() {
        let message = format!("`{}` has both `bearer` and `basic`, and a request carries one", section.path());
        problem(&section, "basic", message, "keep the one that the API wants");
    }
    section.finish();
    Auth { bearer, basic, api_key }
}

impl OpenApi {
    /// Everything that it is made of, as text to be digested.
    pub fn identity(&self) -> String {
        let secret = |value: &Secret<String>| value.expose().clone();
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name, secret(value))).collect();
        let auth = &self.auth;
        let basic = auth.basic.as_ref().map(|(name, password)| (name, secret(password)));
        let key = auth.api_key.as_ref().map(|key| (key.place, &key.name, secret(&key.value)));
        let bearer = auth.bearer.as_ref().map(secret);
        format!(
            "openapi\n{:?}\n{:?}\n{:?}\n{headers:?}\n{bearer:?}{basic:?}{key:?}\n{}\n{:?}",
            self.document, self.base, self.selection, self.encoded_slashes, self.transforms
        )
    }

    /// What makes its tools, without its credentials.
    pub fn documented(&self) -> String {
        format!("openapi\n{:?}\n{:?}\n{:?}\n{:?}", self.document, self.base, self.selection, self.transforms)
    }

    /// Where its document is, without what may be a secret.
    pub fn place(&self) -> String {
        match &self.document {
            Document::File(path, _) => path.display().to_string(),
            Document::Url(url) => url.split('?').next().unwrap_or_default().to_owned(),
        }
    }

    /// One line that says what is served.
    pub fn summary(&self) -> String {
        let what = if self.selected { "the operations under `allow`" } else { "operations that only read" };
        format!("{} ({what})", self.place())
    }
}
