//! From what a client asks for to the upstream that has it.

use super::Forward;
use crate::view::{Route, View};
use base::{Code, Error, Result};
use mcp::{Method, raw};

/// Refuses params that say a thing twice: the hub would read one of them and the upstream perhaps the other.
pub(super) fn check_members(params: &str) -> Result<()> {
    let nested = ["_meta", "ref"].map(|name| raw::get(params, name).unwrap_or_default());
    for object in std::iter::once(params).chain(nested) {
        if let Some(key) = raw::duplicate(object) {
            let message = format!("`params` has the member {key} twice");
            return Err(Error::new(Code::ParseError, message, "send each member once"));
        }
    }
    Ok(())
}

/// Where a request goes.
pub(super) fn route(view: &View, method: &Method, params: &str) -> Result<Route> {
    let missing = |what: &str| {
        let message = format!("{} needs {what}", method.name());
        Error::new(Code::InvalidParams, message, format!("send {what} in `params`"))
    };
    let named = |key: &'static str| {
        raw::get(params, key).and_then(raw::text).ok_or_else(|| missing(&format!("`{key}`, a string")))
    };
    match method {
        Method::ToolsCall => {
            let name = named("name")?;
            view.tools.get(name.as_ref()).cloned().ok_or_else(|| unknown(Code::UnknownTool, "tool", &name, &view.name))
        }
        Method::PromptsGet => {
            let name = named("name")?;
            view.prompts
                .get(name.as_ref())
                .cloned()
                .ok_or_else(|| unknown(Code::UnknownPrompt, "prompt", &name, &view.name))
        }
        Method::ResourcesRead => {
            let uri = named("uri")?;
            view.resource(&uri).ok_or_else(|| unknown(Code::UnknownResource, "resource", &uri, &view.name))
        }
        Method::Complete => {
            let reference = raw::get(params, "ref").ok_or_else(|| missing("`ref`, an object"))?;
            let text = |key| raw::get(reference, key).and_then(raw::text);
            let (name, uri) = (text("name"), text("uri"));
            match (text("type").as_deref(), name, uri) {
                (Some("ref/prompt"), Some(name), _) => {
                    let route = view.prompts.get(name.as_ref()).cloned();
                    route.ok_or_else(|| unknown(Code::UnknownPrompt, "prompt", &name, &view.name))
                }
                (Some("ref/resource"), _, Some(uri)) => {
                    view.resource(&uri).ok_or_else(|| unknown(Code::UnknownResource, "resource", &uri, &view.name))
                }
                _ => Err(missing("`ref`, a ref/prompt with a name or a ref/resource with a uri")),
            }
        }
        other => Err(Error::new(
            Code::MethodNotFound,
            format!("the method {} is not known here", other.name()),
            "see the capabilities that the hub announced",
        )),
    }
}

/// The error for an address that the view does not have.
pub(crate) fn unknown_resource(view: &View, uri: &str) -> Error {
    unknown(Code::UnknownResource, "resource", uri, &view.name)
}

/// The error for a name that the view does not have.
pub(super) fn unknown(code: Code, what: &str, name: &str, view: &str) -> Error {
    let name: String = name.chars().filter(|character| !character.is_control()).take(100).collect();
    let place = if view == crate::config::ALL { String::new() } else { format!(" in the view `{view}`") };
    Error::new(
        code,
        format!("there is no {what} `{name}`{place}"),
        format!("list the {what}s for the names that there are"),
    )
}

impl Forward {
    /// What stands for the upstream's own name in the params.
    pub(super) fn names(&self) -> Vec<(&str, String)> {
        let params = &self.params;
        let part = match self.method {
            Method::ResourcesRead => raw::get(params, "uri"),
            Method::Complete => {
                let reference = raw::get(params, "ref").unwrap_or_default();
                let prompt = raw::get(reference, "type").and_then(raw::text).as_deref() == Some("ref/prompt");
                raw::get(reference, if prompt { "name" } else { "uri" })
            }
            _ => raw::get(params, "name"),
        };
        part.map(|part| (part, self.original.clone())).into_iter().collect()
    }
}
