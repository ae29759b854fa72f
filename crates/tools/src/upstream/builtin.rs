//! Requests to an upstream that lives in this process.

use crate::builtin::Builtin;
use crate::catalogue::{Catalogue, Item};
use mcp::client::handshake::Greeting;
use mcp::client::{Call, Request};
use mcp::{Era, Message, Method, raw, version, write};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Runs one request on a thread where it may block.
pub(super) fn call(builtin: Arc<dyn Builtin>, method: &Method, params: &str) -> Call {
    let (reply, answer) = oneshot::channel();
    let (method, params) = (method.clone(), params.to_owned());
    base::task::spawn("built-in upstream", async move {
        let id = Request::LOCAL_ID;
        let done = base::task::blocking(move || respond(builtin.as_ref(), &method, &params)).await;
        let text = match done.and_then(|inner| inner) {
            Ok(result) => write::result(id, &result),
            Err(error) => write::error(id, &error),
        };
        let message = Message::parse(text).map_err(|_| base::Error::internal("a built-in upstream wrote no message"));
        let _ = reply.send(message);
    });
    Call::Local(answer)
}

fn respond(builtin: &dyn Builtin, method: &Method, params: &str) -> base::Result<String> {
    if method != &Method::ToolsCall {
        return Err(base::Error::new(
            base::Code::MethodNotFound,
            format!("the built-in upstream has no {}", method.name()),
            "use its tools",
        ));
    }
    let name = raw::get(params, "name").and_then(raw::text).unwrap_or_default();
    let arguments = raw::get(params, "arguments").unwrap_or("{}");
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    let arguments = match arguments {
        Value::Object(arguments) => arguments,
        Value::Null => serde_json::Map::new(),
        _ => {
            let message = format!("the arguments of `{name}` are not an object");
            return Err(base::Error::new(
                base::Code::InvalidParams,
                message,
                "send an object with the tool's arguments",
            ));
        }
    };
    builtin.call(&name, &arguments).map(|result| result.to_string())
}

/// What a built-in upstream says of itself.
pub(super) fn greeting(builtin: &dyn Builtin) -> Greeting {
    let description = builtin.describe();
    Greeting {
        era: Era::Legacy,
        version: version::LATEST_LEGACY.to_owned(),
        capabilities: description["capabilities"].to_string(),
        server_info: description["serverInfo"].to_string(),
        instructions: description["instructions"].as_str().map(str::to_owned),
    }
}

/// What a built-in upstream has.
pub(super) fn catalogue(builtin: &dyn Builtin) -> Catalogue {
    let tools = builtin.tools().into_iter();
    let tools = tools.filter_map(|tool| Some(Item { key: tool["name"].as_str()?.to_owned(), json: tool.to_string() }));
    Catalogue { tools: tools.collect(), ..Catalogue::greeted(&greeting(builtin)) }
}
