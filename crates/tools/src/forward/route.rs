//! From what a client asks for to the upstream that has it.

use crate::hub::Hub;
use crate::upstream::Upstream;
use crate::view::{Route, View};
use base::{Code, Error, Result};
use mcp::extension;
use mcp::{Method, raw};

/// Refuses params that say a thing twice: the hub would read one of them and the upstream perhaps the other.
pub(crate) fn check_members(params: &str) -> Result<()> {
    let nested = ["_meta", "ref"].map(|name| raw::get(params, name).unwrap_or_default());
    for object in std::iter::once(params).chain(nested) {
        if let Some(key) = raw::duplicate(object) {
            let message = format!("`params` has the member {key} twice");
            return Err(Error::new(Code::ParseError, message, "send each member once"));
        }
    }
    Ok(())
}

/// Refuses a call that a legacy client wants as a task, where the upstream makes no tasks at all. The hub announces tasks
/// if any upstream of the view has them, and whoever asks for one takes no other answer: to be told before the tool has
/// done its work is the better end (specification 2025-11-25, tasks, tool-level negotiation).
pub(super) fn check_task(view: &View, upstream: &Upstream, original: &str, params: &str) -> Result<()> {
    let wanted = view.extensions.tasks && raw::get(params, "task").is_some_and(raw::is_object);
    if !wanted || !upstream.is_known() || extension::runs_tasks(&upstream.catalogue().capabilities) {
        return Ok(());
    }
    let name = &upstream.settings.name;
    let message = format!("the tool `{original}` of `{name}` does not run as a task");
    Err(Error::new(Code::MethodNotFound, message, "call it without `task`").of_upstream(name))
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
            view.tools.get(name.as_ref()).cloned().ok_or_else(|| match view.quarantined(&name, false) {
                Some(error) => error.clone(),
                None => unknown(Code::UnknownTool, "tool", &name, view.title()),
            })
        }
        Method::PromptsGet => {
            let name = named("name")?;
            view.prompts.get(name.as_ref()).cloned().ok_or_else(|| match view.quarantined(&name, true) {
                Some(error) => error.clone(),
                None => unknown(Code::UnknownPrompt, "prompt", &name, view.title()),
            })
        }
        Method::ResourcesRead => {
            let uri = named("uri")?;
            view.resource(&uri).ok_or_else(|| unknown(Code::UnknownResource, "resource", &uri, view.title()))
        }
        Method::Complete => {
            let reference = raw::get(params, "ref").ok_or_else(|| missing("`ref`, an object"))?;
            let text = |key| raw::get(reference, key).and_then(raw::text);
            let (name, uri) = (text("name"), text("uri"));
            match (text("type").as_deref(), name, uri) {
                (Some("ref/prompt"), Some(name), _) => {
                    let route = view.prompts.get(name.as_ref()).cloned();
                    route.ok_or_else(|| match view.quarantined(&name, true) {
                        Some(error) => error.clone(),
                        None => unknown(Code::UnknownPrompt, "prompt", &name, view.title()),
                    })
                }
                (Some("ref/resource"), _, Some(uri)) => {
                    view.resource(&uri).ok_or_else(|| unknown(Code::UnknownResource, "resource", &uri, view.title()))
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
    unknown(Code::UnknownResource, "resource", uri, view.title())
}

impl Hub {
    /// Where a call of the tool with this name goes, in a view.
    pub(crate) fn destination(&self, view: &View, tool: &str) -> Result<Route> {
        let params = format!(r#"{{"name":{}}}"#, raw::quote(tool));
        let found = route(view, &Method::ToolsCall, &params);
        found.or_else(|error| self.early(view, &Method::ToolsCall, &params).ok_or(error))
    }

    /// Where a name leads whose upstream has not told yet what it has, because it is being started or never worked. The
    /// name is looked up again when the upstream is there; until then its error, or the wait, is the answer.
    pub(super) fn early(&self, view: &View, method: &Method, params: &str) -> Option<Route> {
        let prompt = match method {
            Method::ToolsCall => false,
            Method::PromptsGet => true,
            _ => return None,
        };
        let name = raw::get(params, "name").and_then(raw::text)?;
        let upstream = self.upstream(view.owner(&name, prompt)?)?;
        let route = Route { upstream: upstream.settings.name.clone(), original: String::new(), mirrors: None };
        (!upstream.is_known()).then_some(route)
    }
}

/// What stands for a name in the params of a request.
pub(super) fn named<'a>(method: &Method, params: &'a str) -> Option<&'a str> {
    match method {
        Method::ResourcesRead => raw::get(params, "uri"),
        Method::Complete => {
            let reference = raw::get(params, "ref").unwrap_or_default();
            let prompt = raw::get(reference, "type").and_then(raw::text).as_deref() == Some("ref/prompt");
            raw::get(reference, if prompt { "name" } else { "uri" })
        }
        Method::ToolsCall | Method::PromptsGet => raw::get(params, "name"),
        _ => None,
    }
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
