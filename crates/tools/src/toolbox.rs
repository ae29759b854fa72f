//! The hub's own tools: which there are, who is shown them, and where a call of a client begins.

mod arguments;
pub mod best;
mod call;
mod describe;
mod read;
mod search;
pub mod wanted;

use crate::caller::Caller;
use crate::catalogue::Item;
use crate::forward::check_members;
use crate::hub::Hub;
use crate::mode::{Mode, Shown};
use crate::own::{Own, OwnCall, OwnTool, Work};
use crate::plans::RunPlan;
use crate::view::View;
use crate::wholes::unknown;
use base::Result;
use context::definition;
use context::shape::{self, SCHEME};
use mcp::{Method, raw};
use std::borrow::Cow;
use std::sync::Arc;

/// All of them, in the order in which clients are shown them.
const ALL: [&dyn OwnTool; 5] =
    [&search::SearchTools, &describe::DescribeTools, &call::CallTool, &RunPlan, &read::ReadResult];

/// What a view lists as its tools.
pub struct Listed<'a> {
    /// Those of its upstreams.
    pub upstreams: Cow<'a, [Item]>,
    /// Those of the hub.
    pub own: Vec<Item>,
}

/// What the clients of `view` are shown when they list its tools.
pub fn listed(view: &View) -> Listed<'_> {
    let upstreams = match (view.shown, view.form()) {
        (Shown::Everything, Some(form)) => {
            let shaped = |item: &Item| Item { key: item.key.clone(), json: definition::shaped(&item.json, form) };
            view.lists[0].items.iter().map(shaped).collect()
        }
        (Shown::Everything, None) => Cow::Borrowed(view.lists[0].items.as_slice()),
        (Shown::Search, _) => Cow::Borrowed([].as_slice()),
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
    let any = || ALL.iter().copied().filter(|tool| perhaps || tool.taken(view));
    any().next()?;
    let name = raw::get(params, "name").and_then(raw::text)?;
    let tool = any().find(|tool| tool.name() == name)?;
    (tool.offered(view) || !view.tools.contains_key(name.as_ref())).then_some(tool)
}

/// The tool of the hub's own that is called, if clients may call it and are not shown it.
fn unlisted(view: &View, params: &str) -> Option<&'static dyn OwnTool> {
    own(view, params).filter(|tool| !tool.offered(view) && tool.taken(view))
}

impl Hub {
    /// Begins a request of a client. `params` is raw JSON.
    ///
    /// # Errors
    /// Those of [`Hub::forward`], and those of the tool that is called.
    pub fn begin(&self, view: &Arc<View>, method: &Method, params: &str, caller: Caller) -> Result<Work> {
        let own = if method == &Method::ToolsCall { own(view, params) } else { None };
        let Some(tool) = own else {
            return match method {
                Method::ToolsCall => Work::call(self, view, params, caller),
                Method::ResourcesRead if is_result(params) => self.whole(params, &caller),
                _ => Ok(self.forward(view, method, params, caller)?.into()),
            };
        };
        check_members(params)?;
        tool.begin(self, OwnCall { view: Arc::clone(view), params: params.to_owned(), caller })
    }
}

impl Hub {
    /// Reads a whole result by its address.
    fn whole(&self, params: &str, caller: &Caller) -> Result<Work> {
        let uri = raw::get(params, "uri").and_then(raw::text).unwrap_or_default();
        let address = uri.strip_prefix(SCHEME).unwrap_or_default();
        let (id, index) = match address.split_once('/') {
            Some((id, index)) => (id, Some(index.parse().map_err(|_| unknown())?)),
            None => (address, None),
        };
        let whole = self.wholes().get(id, &caller.owner).ok_or_else(unknown)?;
        let result = shape::read(&whole.result, &uri, index).ok_or_else(unknown)?;
        Ok(Work::Own(Own::new(caller, async move { Ok(result) }).answering(Method::ResourcesRead)))
    }
}

/// Whether a request reads a whole result.
fn is_result(params: &str) -> bool {
    raw::get(params, "uri").and_then(raw::text).is_some_and(|uri| uri.starts_with(SCHEME))
}

#[cfg(test)]
mod tests;
