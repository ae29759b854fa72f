//! The endpoint over standard input and output, for clients that only start programs.

use super::lines;
use super::memory::Memory;
use super::peer::{Out, Peer};
use crate::guard::Guard;
use crate::{Limits, Shared};
use base::seal::Sealer;
use base::{Code, Error, Result};
use llm::Gateway;
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use telemetry::session::Carrier;
use tokio::io::{AsyncRead, AsyncWrite};
use tools::Hub;

/// Serves one client over `input` and `output` until the input ends, without listening anywhere. What is under way then
/// has as long as `limits` give it.
pub async fn serve<I, O>(
    (hub, models): (Hub, Gateway),
    limits: Limits,
    sealer: &Sealer,
    view: &str,
    input: I,
    output: O,
) -> Result<()>
where
    I: AsyncRead + Unpin + Send,
    O: AsyncWrite + Unpin + Send + 'static,
{
    if hub.view(view).is_none() {
        let known = hub.view_names().join(", ");
        return Err(Error::new(Code::UnknownView, format!("there is no view `{view}`"), format!("views: {known}")));
    }
    // Nobody else can reach these pipes, so the guard has nothing to do.
    let guard = Guard::without_key(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let drain = limits.drain;
    let shared = Shared::new(
        (hub, models),
        guard,
        limits,
        crate::registry::Settings::default(),
        sealer,
        (Memory::default(), HashSet::new()),
    )?;
    let news = base::task::spawn("news", super::subscribers::follow(Arc::clone(&shared)));
    let (out, messages) = Out::new(true);
    let writer = base::task::spawn("standard output", lines::write_all(messages, output));
    let mut peer = Peer::new(Arc::clone(&shared), Arc::clone(&shared.local), view, true, (out, Carrier::STDIO))?;
    lines::read_all(input, shared.limits.body, &mut peer).await;
    shared.shutdown.cancel();
    // Answers that are under way are still written; streams would have no end.
    shared.subscribers.close();
    let rest = async {
        peer.settle().await;
        drop(peer);
        writer.await
    };
    let _ = tokio::time::timeout(drain, rest).await;
    news.abort();
    Ok(())
}
