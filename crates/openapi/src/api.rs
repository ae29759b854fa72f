//! An API: all operations of a document that are served, and why the others are not.

use crate::address::Address;
use crate::document::Document;
use crate::fault::{self, shown};
use crate::found::Found;
use crate::naming;
use crate::operation::{self, Around, Operation};
use crate::parameter::Place;
use crate::reference;
use crate::request::{self, Request};
use crate::schema::{Direction, Schemas};
use crate::selection::{Selection, Verdict};
use crate::tool::Shelves;
use crate::transform::Transform;
use base::{Code, Error, Result};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What the operator says of an API.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which operations are served.
    pub selection: Selection,
    /// Where the API is, in place of what the document says.
    pub base: Option<Address>,
    /// Where the document came from, if it was fetched.
    pub source: Option<Address>,
    /// Headers that the operator sets, in lower case: no argument does.
    pub headers: Vec<String>,
    /// Parameters of the query that the operator sets.
    pub queries: Vec<String>,
    /// Cookies that the operator sets.
    pub cookies: Vec<String>,
    /// Whether arguments in the path may have slashes, sent as `%2F`.
    pub slashes: bool,
    /// What is changed about operations, by `operationId` or `METHOD /path`.
    pub transforms: Vec<(String, Transform)>,
}

/// An API as tools.
#[derive(Debug)]
pub struct Api {
    /// What it is called.
    pub title: String,
    /// Its own version.
    pub version: String,
    /// Where it is.
    pub address: Address,
    /// What is served, in the order of the document.
    pub operations: Vec<Operation>,
    /// What is not served, in the order of the document.
    pub left_out: Vec<LeftOut>,
    /// Patterns and names of the configuration that are about no operation.
    pub idle_patterns: Vec<String>,
    by_name: HashMap<String, usize>,
    slashes: bool,
}

/// An operation that is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `METHOD /path`.
    pub operation: String,
    /// Its `operationId`, if it has one.
    pub id: Option<String>,
    /// Why.
    pub reason: String,
    /// Whether the operator is to say whether it is served: it may change something.
    pub changes: bool,
}

/// The methods of HTTP that operations may have. TRACE sends back what it was sent, credentials and all.
const METHODS: [(&str, &str); 7] = [
    ("get", "GET"),
    ("head", "HEAD"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
];

/// The most operations of one document.
const MOST: usize = 10_000;

/// The most bytes of all tools together.
const BYTES: usize = 32 << 20;

impl Api {
    /// The operations of `document`.
    ///
    /// # Errors
    /// A document that names no server, or one that was fetched and names a server elsewhere, where the operator names
    /// none; one without paths; one with too many operations.
    pub fn new(document: &Document, options: &Options) -> Result<Self> {
        let address = match &options.base {
            Some(address) => address.clone(),
            None => named_address(document, options.source.as_ref())?,
        };
        let found = find(document)?;
        let keys: Vec<_> = found.iter().map(|found| (found.method, found.path, found.id())).collect();
        let hidden = |place: Place, name: &str| match place {
            Place::Header => options.headers.iter().any(|header| header.eq_ignore_ascii_case(name)),
            Place::Query => options.queries.iter().any(|query| query == name),
            Place::Cookie => options.cookies.iter().any(|cookie| cookie == name),
            Place::Path => false,
        };
        let around = Around {
            document,
            address: &address,
            hidden: &hidden,
            reserved: &options.queries,
            transforms: &options.transforms,
        };
        let schemas = |direction| Schemas::new(document, direction);
        let mut shelves = Shelves { sent: schemas(Direction::Sent), received: schemas(Direction::Received) };
        let (mut operations, mut left_out, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (found, name) in found.iter().zip(naming::tools(&keys)) {
            let verdict = options.selection.verdict(found.method, found.path, found.id());
            let reason = match verdict {
                Verdict::Served => match operation::read(&around, &mut shelves, found, name) {
                    Ok(operation) if bytes + operation.size <= BYTES => {
                        bytes += operation.size;
                        operations.push(operation);
                        continue;
                    }
                    Ok(_) => format!("the tools before it have {} MiB together", BYTES >> 20),
                    Err(fault) => fault,
                },
                Verdict::Denied => "`operations.deny` takes it out".to_owned(),
                Verdict::NotAllowed => "`operations.allow` does not name it".to_owned(),
                Verdict::Changes => "it may change something, and `operations.allow` does not name it".to_owned(),
            };
            left_out.push(LeftOut {
                operation: format!("{} {}", found.method, shown(found.path)),
                id: found.id().map(shown),
                reason,
                changes: verdict == Verdict::Changes,
            });
        }
        let by_name = operations.iter().enumerate().map(|(index, operation)| (operation.name.clone(), index)).collect();
        Ok(Self {
            title: document.info("title").map(shown).unwrap_or_default(),
            version: document.info("version").map(shown).unwrap_or_default(),
            idle_patterns: idle(options, &keys),
            slashes: options.slashes,
            address,
            operations,
            left_out,
            by_name,
        })
    }

    /// The operation whose tool has this name.
    pub fn operation(&self, tool: &str) -> Option<&Operation> {
        self.by_name.get(tool).and_then(|index| self.operations.get(*index))
    }

    /// The operation that is called for a tool of the API `name`.
    ///
    /// # Errors
    /// [`Code::UnknownTool`].
    pub fn called(&self, name: &str, tool: &str) -> Result<&Operation> {
        self.operation(tool).ok_or_else(|| {
            let message = format!("`{name}` has no operation `{tool}`");
            Error::new(Code::UnknownTool, message, "list the tools for the names that there are")
        })
    }

    /// The request for a call of `operation`. `boundary` is a random word that may stand between the parts of a body.
    ///
    /// # Errors
    /// An argument that is missing, that is not known, or that would not stay in its place.
    pub fn request(&self, operation: &Operation, arguments: &Map<String, Value>, boundary: &str) -> Result<Request> {
        request::request(operation, arguments, boundary, self.slashes)
    }

    /// What the operator should know: one line each.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = vec![format!("{} operations of {} are served", self.operations.len(), self.address)];
        let (changing, other): (Vec<_>, Vec<_>) = self.left_out.iter().partition(|left_out| left_out.changes);
        if !changing.is_empty() {
            notices.push(format!(
                "{} that may change something are not served: name them under `operations: {{ allow: […] }}` ({})",
                changing.len(),
                some(changing.iter().map(|left_out| left_out.name())),
            ));
        }
        for left_out in other.iter().take(50) {
            notices.push(format!("{} is not served: {}", left_out.name(), left_out.reason));
        }
        for pattern in &self.idle_patterns {
            notices.push(format!("`{}` in the configuration names no operation of the document", shown(pattern)));
        }
        notices
    }
}

impl LeftOut {
    /// What it is called: its `operationId`, or its method and path.
    pub fn name(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.operation)
    }
}

/// Patterns and names in the configuration that are about no operation.
fn idle(options: &Options, operations: &[(&str, &str, Option<&str>)]) -> Vec<String> {
    let patterns = options.selection.idle(operations).into_iter().map(str::to_owned);
    let is_one = |key: &&(String, Transform)| {
        let mut all = operations.iter();
        all.any(|(method, path, id)| *id == Some(key.0.as_str()) || key.0 == format!("{method} {path}"))
    };
    let transforms = options.transforms.iter().filter(|key| !is_one(key)).map(|(key, _)| key.clone());
    patterns.chain(transforms).collect()
}

/// The first few of many names.
fn some<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let more = names.len().saturating_sub(SHOWN);
    let listed = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

/// The operations as they stand in the document.
fn find(document: &Document) -> Result<Vec<Found<'_>>> {
    let none =
        || fault::document("the document has no `paths`".to_owned(), "name a document that describes operations");
    let Some(paths) = document.json().get("paths").and_then(Value::as_object) else {
        return Err(none().at(document.location("")));
    };
    let mut all = Vec::new();
    for (path, item) in paths.iter().filter(|(path, _)| path.starts_with('/')) {
        let bad = |why: String| {
            let at = document.location(&format!("/paths/{}", reference::escaped(path)));
            fault::document(format!("the path `{}` cannot be read: {why}", shown(path)), "mend it there").at(at)
        };
        let item = document.resolve(item).map_err(bad)?;
        for (key, method) in METHODS {
            if let Some(value) = item.get(key).filter(|value| value.is_object()) {
                all.push(Found { method, path, item, value });
            }
        }
        if all.len() > MOST {
            return Err(Error::new(
                Code::OpenApiDocument,
                format!("the document has more than {MOST} operations"),
                "split the document",
            ));
        }
    }
    Ok(all)
}

/// The address that the document itself names.
fn named_address(document: &Document, source: Option<&Address>) -> Result<Address> {
    let at = || document.location("/servers");
    let next = "write where the API is: `base_url: https://api.example.com/v1`";
    let bad = |message: String| fault::document(message, next).at(at());
    let server = document.json().get("servers").and_then(Value::as_array).and_then(|servers| servers.first());
    let url = match server {
        Some(server) => operation::server_url(server)
            .ok_or_else(|| bad("the document's first server has no address, or one with open variables".to_owned()))?,
        // What a document means that names no server (OpenAPI 3.1, section 4.8.1).
        None => "/".to_owned(),
    };
    let address = match source {
        Some(source) => source.join(&url),
        None if url.contains("://") => Address::parse(&url),
        None => return Err(bad("the document does not say on which host its API is".to_owned())),
    };
    let address = address.map_err(|why| bad(format!("the address of the document's first server {why}")))?;
    match source {
        // Whoever can change a document elsewhere must not choose who gets requests and credentials.
        Some(source) if !source.same_origin(&address) => Err(bad(format!(
            "the document is from {} and names the server {address}, which is another host",
            source.authority()
        ))),
        _ => Ok(address),
    }
}

#[cfg(test)]
pub(crate) mod tests;
