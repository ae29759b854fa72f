//! Upstreams that live inside Tutti, so that a team has something useful before it installs anything.

pub mod files;

use serde_json::{Map, Value};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// An upstream within this process, which may wait for others while it works.
pub trait Local: Send + Sync {
    /// See [`Builtin::describe`].
    fn describe(&self) -> Value;

    /// See [`Builtin::tools`].
    fn tools(&self) -> Vec<Value>;

    /// As [`Builtin::call`], but answers raw JSON. Dropping the future gives the call up.
    fn call(self: Arc<Self>, tool: String, arguments: Map<String, Value>) -> Answer;
}

/// What comes of a call: a `CallToolResult` as raw JSON.
pub type Answer = Pin<Box<dyn Future<Output = base::Result<String>> + Send>>;

/// What blocks gets a thread to block.
impl<T: Builtin + 'static> Local for T {
    fn describe(&self) -> Value {
        Builtin::describe(self)
    }

    fn tools(&self) -> Vec<Value> {
        Builtin::tools(self)
    }

    fn call(self: Arc<Self>, tool: String, arguments: Map<String, Value>) -> Answer {
        let work = move || Builtin::call(self.as_ref(), &tool, &arguments).map(|result| result.to_string());
        Box::pin(async move { base::task::blocking(work).await? })
    }
}

/// An upstream that lives inside Tutti. Called on a blocking thread.
pub trait Builtin: Send + Sync {
    /// The `serverInfo`, `capabilities` and `instructions` that `initialize` would answer.
    fn describe(&self) -> Value;

    /// The tool definitions, as `tools/list` has them, in a stable order.
    fn tools(&self) -> Vec<Value>;

    /// Calls a tool and answers the `CallToolResult` object.
    ///
    /// A failure of the tool itself (not found, outside the root, wrong arguments) is a result with `isError: true`
    /// whose text starts with the error code and whose `structuredContent` is [`base::Error::to_json`]: a model reads
    /// it and tries again. `Err` is only for a tool that does not exist.
    fn call(&self, tool: &str, arguments: &Map<String, Value>) -> base::Result<Value>;
}
