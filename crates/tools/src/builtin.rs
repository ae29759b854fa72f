//! Upstreams that live inside Tutti, so that a team has something useful before it installs anything.

use base::{Code, Error};
use mcp::Method;
use serde_json::{Map, Value};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// An upstream within this process, which may wait for others while it works.
pub trait Local: Send + Sync {
    /// The `serverInfo`, `capabilities` and `instructions` that `initialize` would answer.
    fn describe(&self) -> Value;

    /// The tool definitions, as `tools/list` has them, in a stable order.
    fn tools(&self) -> Vec<Value>;

    /// Calls a tool. A failure of the tool itself is a result with `isError: true`; an error is only for a tool that
    /// does not exist. Dropping the future gives the call up.
    fn call(self: Arc<Self>, tool: String, arguments: Map<String, Value>) -> Answer;

    /// The prompt definitions, as `prompts/list` has them, in a stable order.
    fn prompts(&self) -> Vec<Value> {
        Vec::new()
    }

    /// Answers a request that calls no tool, with its parameters as raw JSON.
    fn ask(self: Arc<Self>, method: Method, _params: String) -> Answer {
        let message = format!("the built-in upstream has no {}", method.name());
        Box::pin(async move { Err(Error::new(Code::MethodNotFound, message, "use its tools")) })
    }
}

/// What comes of a call: a `CallToolResult`, or the result of another request, as raw JSON.
pub type Answer = Pin<Box<dyn Future<Output = base::Result<String>> + Send>>;

/// A folder of this machine. What blocks gets a thread to block.
impl Local for files::Files {
    fn describe(&self) -> Value {
        self.describe()
    }

    fn tools(&self) -> Vec<Value> {
        self.tools()
    }

    fn call(self: Arc<Self>, tool: String, arguments: Map<String, Value>) -> Answer {
        let work = move || files::Files::call(&self, &tool, &arguments).map(|result| result.to_string());
        Box::pin(async move { base::task::blocking(work).await? })
    }
}
