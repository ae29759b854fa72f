//! The peer that one would write in an afternoon: a proxy on the official Rust SDK, with one shared upstream session.
//!
//! It is written to be good, not to be beaten: one connection pool with TCP_NODELAY, no limit on calls in flight that
//! the load could reach, and `call_tool_once`, which forwards without driving follow-up rounds.

use std::sync::Arc;

use anyhow::{Context, Result};
use bench::{serve, session::Era};
use clap::Parser;
use rmcp::{
    ClientLifecycleMode, ClientServiceExt, ErrorData, RoleClient, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, ListToolsResult, PaginatedRequestParams, ProtocolVersion,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::{Peer, RequestContext, RunningService},
    transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig},
};

const PREFIX: &str = "echo__";

#[derive(Parser)]
struct Args {
    /// MCP URL of the server to proxy
    #[arg(long)]
    upstream: String,
    /// Era to speak to the upstream
    #[arg(long, value_enum, default_value_t = Era::Legacy)]
    upstream_era: Era,
    /// Use the SDK's own HTTP client settings, which open a TCP connection for each call
    #[arg(long)]
    sdk_client: bool,
}

#[derive(Clone)]
struct Proxy {
    upstream: Peer<RoleClient>,
    tools: Arc<Vec<Tool>>,
}

impl ServerHandler for Proxy {
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
        mut request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = request.name.strip_prefix(PREFIX).map(str::to_owned);
        request.name = name.ok_or_else(|| ErrorData::invalid_params("unknown tool", None))?.into();
        // The client's own metadata is about its connection; the SDK fills in what the upstream's needs.
        request.meta = None;
        self.upstream.call_tool_once(request).await.map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }
}

async fn connect(args: &Args) -> Result<RunningService<RoleClient, ()>> {
    let config = StreamableHttpClientTransportConfig::with_uri(args.upstream.as_str()).max_concurrent_requests(256);
    let transport = if args.sdk_client {
        StreamableHttpClientTransport::from_config(config)
    } else {
        let client = reqwest::Client::builder().tcp_nodelay(true).build().context("cannot make an HTTP client")?;
        StreamableHttpClientTransport::with_client(client, config)
    };
    let lifecycle = match args.upstream_era {
        Era::Legacy => ClientLifecycleMode::Initialize,
        Era::Modern => ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] },
    };
    ().serve_with_lifecycle(transport, lifecycle).await.context("cannot open a session with the upstream")
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let session = connect(&args).await?;
    let mut tools = session.list_all_tools().await.context("cannot list the upstream's tools")?;
    for tool in &mut tools {
        tool.name = format!("{PREFIX}{}", tool.name).into();
    }
    let proxy = Proxy { upstream: session.peer().clone(), tools: Arc::new(tools) };
    let (listener, url) = serve::bind().await?;
    serve::announce(&url)?;
    serve::serve_mcp(listener, proxy).await
}
