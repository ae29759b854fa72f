//! Requests to an upstream that lives in this process.

use crate::builtin::{Asked, Local};
use crate::catalogue::{Catalogue, Item};
use base::Code;
use mcp::client::handshake::Greeting;
use mcp::client::{Call, Request, local};
use mcp::{Era, Message, version, write};
use serde_json::Value;
use std::sync::Arc;

/// Runs one request as a task of its own, which ends when nobody waits for the answer any more.
pub(super) fn call(local: Arc<dyn Local>, asked: Asked) -> Call {
    let (call, line, end) = local::line();
    base::task::spawn("built-in upstream", async move {
        let done = tokio::select! {
            done = local.respond(asked, line) => done,
            () = end.closed() => return,
        };
        let id = Request::LOCAL_ID;
        let text = match done {
            Ok(result) => write::result(id, &result),
            // What is wrong with the upstream and not with the call concerns its state too.
            Err(error) if is_of_upstream(error.code()) => return end.answer(Err(error)).await,
            Err(error) => write::error(id, &error),
        };
        let message = Message::parse(text).map_err(|_| base::Error::internal("a built-in upstream wrote no message"));
        end.answer(message).await;
    });
    Call::Local(call)
}

fn is_of_upstream(code: Code) -> bool {
    matches!(code, Code::UpstreamUnreachable | Code::UpstreamExited | Code::UpstreamAnswerTooLarge | Code::UpstreamBusy)
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
