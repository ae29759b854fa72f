//! What the reference servers share: a loopback listener, the line that tells the driver where they are, and the
//! serving of an rmcp service.

use std::io::Write;

use anyhow::{Context, Result};
use axum::serve::ListenerExt;
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use tokio::net::TcpListener;

/// Binds a free loopback port and gives the MCP URL that it will answer at.
pub async fn bind() -> Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot bind a loopback port")?;
    let address = listener.local_addr().context("the bound socket has no address")?;
    Ok((listener, format!("http://{address}/mcp")))
}

/// Prints the one line on stdout that the driver waits for.
pub fn announce(url: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::json!({ "url": url })).context("cannot announce the address on stdout")?;
    out.flush().context("cannot announce the address on stdout")
}

/// Serves `handler` as rmcp ships it: sessions and SSE framing for legacy clients, stateless for modern ones.
pub async fn serve_mcp<H>(listener: TcpListener, handler: H) -> Result<()>
where
    H: ServerHandler + Clone + Send + Sync + 'static,
{
    let service = StreamableHttpService::new(
        move || Ok(handler.clone()),
        LocalSessionManager::default().into(),
        StreamableHttpServerConfig::default(),
    );
    let router = axum::Router::new().nest_service("/mcp", service);
    // Without TCP_NODELAY the last chunk of an SSE answer waits for the client's delayed ACK: 40 ms on every call.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("cannot set TCP_NODELAY, figures will be wrong: {error}");
        }
    });
    axum::serve(listener, router).await.context("the HTTP server ended")
}
