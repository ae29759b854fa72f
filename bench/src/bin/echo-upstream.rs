//! The upstream that every target stands in front of: one tool, `echo`, as fast as rmcp serves it.

use std::sync::Arc;

use anyhow::Result;
use bench::serve;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult, PaginatedRequestParams,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::Value;

#[derive(Clone)]
struct Echo {
    tools: Arc<Vec<Tool>>,
}

impl Echo {
    fn new() -> Self {
        let schema = rmcp::object!({
            "type": "object",
            "properties": { "message": { "type": "string", "description": "what to send back" } },
            "required": ["message"]
        });
        Self { tools: Arc::new(vec![Tool::new("echo", "Answers the text that it is given.", schema)]) }
    }
}

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.as_ref().clone()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name != "echo" {
            return Err(ErrorData::invalid_params(format!("unknown tool {}", request.name), None));
        }
        let message = request.arguments.and_then(|mut arguments| arguments.remove("message"));
        let Some(Value::String(message)) = message else {
            return Err(ErrorData::invalid_params("argument `message` must be a string", None));
        };
        Ok(CallToolResult::success(vec![ContentBlock::text(message)]).into())
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let (listener, url) = serve::bind().await?;
    serve::announce(&url)?;
    serve::serve_mcp(listener, Echo::new()).await
}
