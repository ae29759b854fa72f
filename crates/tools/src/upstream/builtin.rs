//! Requests to an upstream that lives in this process.

use crate::builtin::Local;
use crate::catalogue::{Catalogue, Item};
use base::Code;
use mcp::client::handshake::Greeting;
use mcp::client::{Call, Request};
use mcp::{Era, Message, Method, raw, version, write};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Runs one request as a task of its own, which ends when nobody waits for the answer any more.
pub(super) fn call(local: Arc<dyn Local>, method: &Method, params: &str) -> Call {
    let (mut reply, answer) = oneshot::channel();
    let (method, params) = (method.clone(), params.to_owned());
    base::task::spawn("built-in upstream", async move {
        let done = tokio::select! {
            done = respond(local, &method, &params) => done,
            () = reply.closed() => return,
        };
        let id = Request::LOCAL_ID;
        let text = match done {
            Ok(result) => write::result(id, &result),
            // What is wrong with the upstream and not with the call concerns its state too.
            Err(error) if is_of_upstream(error.code()) => {
                let _ = reply.send(Err(error));
                return;
            }
            Err(error) => write::error(id, &error),
        };
        let message = Message::parse(text).map_err(|_| base::Error::internal("a built-in upstream wrote no message"));
        let _ = reply.send(message);
    });
    Call::Local(answer)
}

fn is_of_upstream(code: Code) -> bool {
    matches!(code, Code::UpstreamUnreachable | Code::UpstreamExited | Code::UpstreamAnswerTooLarge | Code::UpstreamBusy)
}

async fn respond(local: Arc<dyn Local>, method: &Method, params: &str) -> base::Result<String> {
    if method != &Method::ToolsCall {
        return local.ask(method.clone(), params.to_owned()).await;
    }
    let name = raw::get(params, "name").and_then(raw::text).unwrap_or_default().into_owned();
    let arguments = raw::get(params, "arguments").unwrap_or("{}");
    let arguments: Value = base::json::from_text(arguments).unwrap_or_default();
    let arguments = match arguments {
        Value::Object(arguments) => arguments,
        Value::Null => serde_json::Map::new(),
        _ => {
            let message = format!("the arguments of `{name}` are not an object");
            return Err(base::Error::new(Code::InvalidParams, message, "send an object with the tool's arguments"));
        }
    };
    local.call(name, arguments).await
}

/// What a built-in upstream says of itself.
pub(super) fn greeting(local: &dyn Local) -> Greeting {
    let description = local.describe();
    Greeting {
        era: Era::Legacy,
        version: version::LATEST_LEGACY.to_owned(),
        capabilities: description["capabilities"].to_string(),
        server_info: description["serverInfo"].to_string(),
        instructions: description["instructions"].as_str().map(str::to_owned),
    }
}

/// What a built-in upstream has.
pub(super) fn catalogue(local: &dyn Local) -> Catalogue {
    let item =
        |definition: &Value| Some(Item { key: definition["name"].as_str()?.to_owned(), json: definition.to_string() });
    let tools = local.tools().iter().filter_map(item).collect();
    let prompts = local.prompts().iter().filter_map(item).collect();
    Catalogue { tools, prompts, ..Catalogue::greeted(&greeting(local)) }.checked()
}
