//! The hub's own tools: which there are, who is shown them, and where a call of a client begins.

mod arguments;
mod call;
mod describe;
mod search;
mod signature;

use crate::caller::Caller;
use crate::catalogue::Item;
use crate::forward::check_members;
use crate::hub::Hub;
use crate::mode::{Mode, Shown};
use crate::own::{OwnCall, OwnTool, Work};
use crate::plans::RunPlan;
use crate::view::View;
use base::Result;
use mcp::{Method, raw};
use std::sync::Arc;

/// All of them, in the order in which clients are shown them.
const ALL: [&dyn OwnTool; 4] = [&search::SearchTools, &describe::DescribeTools, &call::CallTool, &RunPlan];

/// What a view lists as its tools.
pub struct Listed<'a> {
    /// Those of its upstreams.
    pub upstreams: &'a [Item],
    /// Those of the hub.
    pub own: Vec<Item>,
}

/// What the clients of `view` are shown when they list its tools.
pub fn listed(view: &View) -> Listed<'_> {
    let upstreams = match view.shown {
        Shown::Everything => view.lists[0].items.as_slice(),
        Shown::Search => &[],
    };
    let offered = ALL.iter().filter(|tool| tool.offered(view));
    let own = offered.map(|tool| Item { key: tool.name().to_owned(), json: tool.definition(view) }).collect();
    Listed { upstreams, own }
}

/// Whether a call with these params, raw JSON, is one of a tool of the hub's own.
pub fn is_own(view: &View, params: &str) -> bool {
    own(view, params).is_some()
}

/// The tool of the hub's own that is called. One that is listed goes before a tool of an upstream that has its name.
fn own(view: &View, params: &str) -> Option<&'static dyn OwnTool> {
    // A client that has not listed the tools again goes on with those that it knows.
    let perhaps = view.mode == Mode::Auto;
    let any = || ALL.iter().copied().filter(|tool| perhaps || tool.offered(view));
    any().next()?;
    let name = raw::get(params, "name").and_then(raw::text)?;
    let tool = any().find(|tool| tool.name() == name)?;
    (tool.offered(view) || !view.tools.contains_key(name.as_ref())).then_some(tool)
}

impl Hub {
    /// Begins a request of a client. `params` is raw JSON.
    ///
    /// # Errors
    /// Those of [`Hub::forward`], and those of the tool that is called.
    pub fn begin(&self, view: &Arc<View>, method: &Method, params: &str, caller: Caller) -> Result<Work> {
        let own = if method == &Method::ToolsCall { own(view, params) } else { None };
        let Some(tool) = own else { return Ok(self.forward(view, method, params, caller)?.into()) };
        check_members(params)?;
        tool.begin(self, OwnCall { view: Arc::clone(view), params: params.to_owned(), caller })
    }
}

#[cfg(test)]
mod tests;
