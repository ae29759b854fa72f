//! Upstreams that live inside Tutti, so that a team has something useful before it installs anything.

pub mod files;

use serde_json::{Map, Value};

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
