//! Steps that call a tool.

use crate::acting::Acting;
use crate::addresses::{address, begins_runs, door};
use crate::calls::{self, Ended};
use base::{Code, Error};
use machine::{Call, Fault};
use mcp::raw;
use mcp::version::meta::IDEMPOTENCY;
use runner::{Calling, Done, Failed};
use serde_json::Value;
use tools::catalogue::{Catalogue, Kind};
use tools::hub::DEFAULT_VIEW;
use tools::view::Route;
use tools::{Forward, Hub, Toll};

/// Calls a tool, once.
pub(crate) async fn call(hub: &Hub, acting: Acting, call: &Call, calling: &Calling) -> Result<Done, Failed> {
    let forward = begin(hub, acting, call, calling)?;
    match calls::end(forward).await {
        Ended::Result(result) => done(&result),
        Ended::Error(error, doubt) => {
            let fault = fault(&plan::value::answered(&error));
            Err(if doubt { Failed::unknown(fault) } else { Failed::known(fault) })
        }
    }
}

fn begin(hub: &Hub, acting: Acting, call: &Call, calling: &Calling) -> base::Result<Forward> {
    not_of_runs(hub, &call.server, &call.tool)?;
    let arguments = Value::Object(call.arguments.clone()).to_string();
    let params = |name: &str| {
        let (name, key) = (raw::quote(name), &calling.key);
        format!(r#"{{"name":{name},"arguments":{arguments},"_meta":{{"{IDEMPOTENCY}":"{key}"}}}}"#)
    };
    if let Some(door) = door(hub, &acting, &call.server, &call.tool) {
        return calls::begin(hub, &door.view, &params(&door.name), acting.client);
    }
    direct(hub, &acting, call, &params(&call.tool))
}

/// A call of a tool that no view shows, by somebody who may call whatever is there.
fn direct(hub: &Hub, acting: &Acting, call: &Call, params: &str) -> base::Result<Forward> {
    let unknown = || unknown(&call.server, &call.tool);
    let upstream = hub.upstream(&call.server).filter(|_| acting.everything).ok_or_else(unknown)?;
    let catalogue = upstream.catalogue();
    if !has(&catalogue, &call.tool) {
        return Err(unknown());
    }
    let view = hub.view(DEFAULT_VIEW).ok_or_else(unknown)?;
    let mirrors = catalogue.mirrors.get(&call.tool).cloned();
    let route = Route { upstream: call.server.clone(), original: call.tool.clone(), mirrors };
    acting.client.toll.as_ref().map_or(Ok(()), Toll::take)?;
    hub.forward_to(route, &view, &mcp::Method::ToolsCall, params, acting.client.clone())
}

/// Whether somebody reaches a tool at this moment, without calling it. What an upstream has that was never reached, nobody can say.
///
/// # Errors
/// Those of the call.
pub(crate) fn reach(hub: &Hub, acting: &Acting, server: &str, tool: &str) -> base::Result<()> {
    not_of_runs(hub, server, tool)?;
    if door(hub, acting, server, tool).is_some() {
        return Ok(());
    }
    let upstream = hub.upstream(server).filter(|_| acting.everything).ok_or_else(|| unknown(server, tool))?;
    if !upstream.is_known() || has(&upstream.catalogue(), tool) { Ok(()) } else { Err(unknown(server, tool)) }
}

fn not_of_runs(hub: &Hub, server: &str, tool: &str) -> base::Result<()> {
    if !begins_runs(hub, server) {
        return Ok(());
    }
    let message = format!("`{}` begins a run, and is called from within one", address(server, tool));
    Err(Error::new(Code::InvalidParams, message, format!("write `workflow: {tool}`")))
}

fn unknown(server: &str, tool: &str) -> Error {
    let message = format!("there is no tool `{}`", address(server, tool));
    Error::new(Code::UnknownTool, message, "`tutti tool list` tells which there are")
}

/// Whether a tool is there, or waits for somebody who approves it.
fn has(catalogue: &Catalogue, tool: &str) -> bool {
    catalogue.tools.iter().any(|item| item.key == tool) || catalogue.waits(Kind::Tool).get(tool).is_some()
}

/// What a result gives: what a reference of a plan sees of it.
fn done(result: &str) -> Result<Done, Failed> {
    let value = plan::value::of(result).map_err(|text| Failed::known(Fault::new(Code::ToolFailed, text)))?;
    let value = base::json::from_text(&value).map_err(|error| {
        // The call was carried out, whatever it gave.
        Failed::unknown(Fault::new(Code::UpstreamProtocol, format!("the result of the tool cannot be read: {error}")))
    })?;
    Ok(Done::free(value))
}

/// An error as a journal has it, with what was said in detail.
pub(crate) fn fault(error: &Error) -> Fault {
    match error.detail() {
        Some(detail) if !detail.is_empty() => Fault::new(error.code(), format!("{}: {detail}", error.message())),
        _ => Fault::from(error),
    }
}
