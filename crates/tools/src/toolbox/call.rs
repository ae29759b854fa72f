//! `call_tool`: a call of any tool of the view, by way of a tool that every client can list.
//!
//! What is called goes the way of every call, as if the client had called it itself, and its result comes back as it is.

use super::arguments::{check_known, wrong};
use crate::hub::Hub;
use crate::mode::Shown;
use crate::own::{OwnCall, OwnTool, Work};
use crate::view::View;
use base::Result;
use mcp::raw;

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

    fn definition(&self, _view: &View) -> String {
        r#"{"name":"call_tool","title":"Call a tool","description":"Calls a tool that search_tools found and gives its result as it is.","inputSchema":{"type":"object","properties":{"name":{"type":"string","description":"The tool's name, as search_tools gives it"},"arguments":{"type":"object","description":"The tool's own arguments","additionalProperties":true}},"required":["name"],"additionalProperties":false}}"#.to_owned()
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        let inner = unwrapped(&call)?;
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
