//! Upstreams that live inside Tutti, so that a team has something useful before it installs anything.

use base::{Code, Error};
use mcp::client::local::Line;
use mcp::{Method, raw};
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

    /// Answers a request of a client, which hears on `line` what is said to it meanwhile. Without more, it calls tools by
    /// [`Local::call`] and leaves the rest to [`Local::ask`].
    fn respond(self: Arc<Self>, asked: Asked, _line: Line) -> Answer {
        if asked.method != Method::ToolsCall {
            return self.ask(asked.method, asked.params);
        }
        match asked.call() {
            Ok((tool, arguments)) => self.call(tool, arguments),
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    /// Answers a request that calls no tool, with its parameters as raw JSON.
    fn ask(self: Arc<Self>, method: Method, _params: String) -> Answer {
        let message = format!("the built-in upstream has no {}", method.name());
        Box::pin(async move { Err(Error::new(Code::MethodNotFound, message, "use its tools")) })
    }
}

/// A request of a client.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is asked.
    pub method: Method,
    /// With what, as raw JSON.
    pub params: String,
    /// What the key is known by with which the client came in.
    pub principal: Arc<str>,
}

impl Asked {
    /// The tool that is called, and with which arguments.
    ///
    /// # Errors
    /// The arguments are no object.
    pub fn call(&self) -> base::Result<(String, Map<String, Value>)> {
        let name = raw::get(&self.params, "name").and_then(raw::text).unwrap_or_default().into_owned();
        let arguments = raw::get(&self.params, "arguments").unwrap_or("{}");
        match base::json::from_text(arguments).unwrap_or_default() {
            Value::Object(arguments) => Ok((name, arguments)),
            Value::Null => Ok((name, Map::new())),
            _ => {
                let message = format!("the arguments of `{name}` are not an object");
                Err(Error::new(Code::InvalidParams, message, "send an object with the tool's arguments"))
            }
        }
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
