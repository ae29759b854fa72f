//! `call_tool`: a call of any tool of the view, by way of a tool that every client can list.
//!
//! What is called goes the way of every call, as if the client had called it itself, and its result comes back as it is.

use super::arguments::{check_known, wrong};
use crate::hub::Hub;
use crate::mode::Shown;
use crate::own::{OwnCall, OwnTool, Work};
use crate::view::View;
use base::{Code, Error, Result};
use mcp::extension;
use mcp::version::meta;
use mcp::{Era, raw};

pub(super) struct CallTool;

const NAME: &str = "call_tool";

const NEXT: &str =
    "call it with `name`, as search_tools gave it, and `arguments`, an object with that tool's arguments";

impl OwnTool for CallTool {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offered(&self, view: &View) -> bool {
        view.shown == Shown::Search
    }

    fn definition(&self, view: &View) -> String {
        let bare = r#"{"name":"call_tool","title":"Call a tool","description":"Calls a tool that search_tools found and gives its result as it is.","inputSchema":{"type":"object","properties":{"name":{"type":"string","description":"The tool's name, as search_tools gives it"},"arguments":{"type":"object","description":"The tool's own arguments","additionalProperties":true}},"required":["name"],"additionalProperties":false}}"#;
        if !view.extensions.tasks {
            return bare.to_owned();
        }
        // Some of what it calls may run as a task, and clients ask for none where a tool does not say so.
        let mut splice = raw::Splice::new(bare);
        splice.insert(bare, "execution", r#"{"taskSupport":"optional"}"#);
        splice.finish().into_owned()
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        let inner = unwrapped(&call)?;
        if let Some(tool) = super::unlisted(&call.view, &inner) {
            return tool.begin(hub, OwnCall { params: inner, ..call });
        }
        check_task(hub, &call, &inner)?;
        Work::call(hub, &call.view, &inner, call.caller)
    }
}

/// The params of the call that the client would have made itself.
pub(super) fn unwrapped(call: &OwnCall) -> Result<String> {
    let arguments = call.arguments()?;
    check_known(NAME, arguments, &["name", "arguments"], NEXT)?;
    let name = raw::get(arguments, "name").filter(|name| raw::text(name).is_some());
    let name = name.ok_or_else(|| wrong(NAME, "needs `name`, a string", NEXT))?;
    let inner = raw::get(arguments, "arguments").filter(|inner| *inner != "null").unwrap_or("{}");
    if !raw::is_object(inner) {
        return Err(wrong(NAME, "needs `arguments` to be an object", NEXT));
    }
    let mut splice = raw::Splice::new(&call.params);
    if let Some(own) = raw::get(&call.params, "name") {
        splice.replace(own, name);
    }
    splice.replace(arguments, inner);
    Ok(splice.finish().into_owned())
}

/// Refuses what the tool inside would not take as it is called: a call that is no task of a tool that runs as one only, and
/// a task of a tool that runs as none. The client has not seen its definition, and cannot know.
fn check_task(hub: &Hub, call: &OwnCall, inner: &str) -> Result<()> {
    let (view, caller) = (&call.view, &call.caller);
    let name = raw::get(inner, "name").and_then(raw::text).unwrap_or_default();
    let Some(route) = view.tools.get(name.as_ref()).filter(|route| !route.original.is_empty()) else { return Ok(()) };
    let Some(upstream) = hub.upstream(&route.upstream) else { return Ok(()) };
    let (catalogue, server) = (upstream.catalogue(), &route.upstream);
    let wanted = match caller.era {
        Era::Legacy => raw::get(inner, "task").is_some_and(raw::is_object),
        Era::Modern => extension::takes_tasks(raw::at(inner, &["_meta", meta::CLIENT_CAPABILITIES]).unwrap_or("{}")),
    };
    if !wanted && catalogue.is_task_only(&route.original) {
        let message = format!("the tool `{name}` of `{server}` runs as a task only");
        let next = "call call_tool as a task, with `task` beside `arguments`, or use another tool";
        return Err(match caller.era {
            Era::Legacy => Error::new(Code::TaskNeeded, message, next).of_upstream(server),
            Era::Modern => extension::tasks_needed(message).of_upstream(server),
        });
    }
    // Where the hub has announced no tasks, nobody means anything by it.
    let is_meant = wanted && caller.era == Era::Legacy && view.extensions.tasks && upstream.is_known();
    if is_meant && !catalogue.may_be_task(&route.original) {
        let message = format!("the tool `{name}` of `{server}` does not run as a task");
        return Err(Error::new(Code::MethodNotFound, message, "call it without `task`").of_upstream(server));
    }
    Ok(())
}
