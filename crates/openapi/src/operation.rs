//! One operation: what the document says of it, read once.

use crate::address::Address;
use crate::body::{self, Body};
use crate::document::Document;
use crate::expected::Expected;
use crate::fault::{Fault, shown};
use crate::found::Found;
use crate::naming;
use crate::parameter::{self, Parameter, Place};
use crate::path::{self, Piece};
use crate::tool::{self, Shelves};
use crate::transform::Transform;
use serde_json::Value;

/// An operation that is served as a tool.
#[derive(Debug)]
pub struct Operation {
    /// The name of the tool, without that of its server.
    pub name: String,
    /// The tool as `tools/list` has it.
    pub definition: Value,
    /// The bytes of its definition.
    pub(crate) size: usize,
    pub(crate) method: &'static str,
    pub(crate) base: String,
    pub(crate) pieces: Vec<Piece>,
    /// Each with the name of its argument.
    pub(crate) parameters: Vec<(String, Parameter)>,
    /// With the name of its argument.
    pub(crate) body: Option<(String, Body)>,
    pub(crate) accept: String,
    pub(crate) expected: Expected,
    pub(crate) transform: Transform,
    reserved: Vec<String>,
}

impl Operation {
    /// Whether a parameter of the query is the operator's own.
    pub(crate) fn is_reserved(&self, query: &str) -> bool {
        self.reserved.iter().any(|name| name == query)
    }
}

/// What an operation is read with.
pub(crate) struct Around<'a> {
    pub(crate) document: &'a Document,
    pub(crate) address: &'a Address,
    pub(crate) hidden: &'a dyn Fn(Place, &str) -> bool,
    /// Parameters of the query that the operator sets.
    pub(crate) reserved: &'a [String],
    pub(crate) transforms: &'a [(String, Transform)],
}

/// Reads one operation, or says why it cannot be served.
pub(crate) fn read(
    around: &Around<'_>,
    shelves: &mut Shelves<'_>,
    found: &Found<'_>,
    name: String,
) -> Result<Operation, Fault> {
    let pieces = path::read(found.path)?;
    let parameters = parameters(around, found)?;
    for piece in &pieces {
        if let Piece::Parameter(name) = piece {
            let described = |parameter: &Parameter| parameter.place == Place::Path && &parameter.name == name;
            if !parameters.iter().any(described) {
                return Err(format!("its path has `{{{}}}`, which is not among its parameters", shown(name)));
            }
        }
    }
    // One that is described and does not stand in the path has nowhere to go.
    let in_path = |name: &String| pieces.iter().any(|piece| matches!(piece, Piece::Parameter(other) if other == name));
    let parameters: Vec<Parameter> =
        parameters.into_iter().filter(|parameter| parameter.place != Place::Path || in_path(&parameter.name)).collect();
    let body = body::read(around.document, found.value)?;
    let wire: Vec<(Place, &str)> =
        parameters.iter().map(|parameter| (parameter.place, parameter.name.as_str())).collect();
    let (names, body_name) = naming::arguments(&wire, body.is_some());
    let parameters: Vec<(String, Parameter)> = names.into_iter().zip(parameters).collect();
    let body = body_name.zip(body);
    let by_path = format!("{} {}", found.method, found.path);
    let meant = |(key, _): &&(String, Transform)| Some(key.as_str()) == found.id() || *key == by_path;
    let transform = around.transforms.iter().find(meant).map(|(_, transform)| transform.clone()).unwrap_or_default();
    let mut made = tool::define(around.document, shelves, found, &name, &parameters, body.as_ref())?;
    transform.define(&mut made.definition);
    Ok(Operation {
        name,
        size: made.definition.to_string().len(),
        definition: made.definition,
        method: found.method,
        base: base(around, found)?,
        pieces,
        parameters,
        body,
        accept: made.accept,
        expected: if transform.changes_answers() { Expected::Nothing } else { made.expected },
        transform,
        reserved: around.reserved.to_vec(),
    })
}

/// The parameters of the path and of the operation, of which the latter win.
fn parameters(around: &Around<'_>, found: &Found<'_>) -> Result<Vec<Parameter>, Fault> {
    let mut all: Vec<Parameter> = Vec::new();
    for owner in [found.item, found.value] {
        for value in owner.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            if let parameter::Found::Parameter(parameter) = parameter::read(around.document, value, around.hidden)? {
                let same = |other: &Parameter| (other.place, &other.name) == (parameter.place, &parameter.name);
                all.retain(|other| !same(other));
                all.push(*parameter);
            }
        }
    }
    Ok(all)
}

/// The path before the path of an operation that names servers of its own. Only servers of the API's own origin are
/// taken: credentials go nowhere else.
fn base(around: &Around<'_>, found: &Found<'_>) -> Result<String, Fault> {
    let named = [found.value, found.item].into_iter().find_map(|owner| owner.get("servers")?.as_array()?.first());
    let Some(server) = named else { return Ok(around.address.path.clone()) };
    let url = server_url(server).ok_or("it names a server without an address")?;
    let address = around.address.join(&url).map_err(|why| format!("the address of its server {why}"))?;
    if address.same_origin(around.address) {
        Ok(address.path)
    } else {
        Err(format!("it names a server of its own, {}, which is not that of the API", shown(&address.to_string())))
    }
}

/// The address of a server with the defaults of its variables.
pub(crate) fn server_url(server: &Value) -> Option<String> {
    let mut url = server.get("url")?.as_str()?.to_owned();
    let variables = server.get("variables").and_then(Value::as_object).into_iter().flatten();
    for (name, variable) in variables {
        let default = crate::convert::scalar(variable.get("default")?)?;
        url = url.replace(&format!("{{{name}}}"), &default);
    }
    (!url.contains('{')).then_some(url)
}
