//! Waiting for things that may not be there, as the arms of a `select!` must.

use mcp::Message;
use std::future::Future;
use std::pin::Pin;
use tokio::sync::mpsc;

/// Work under way, if there is any.
pub(super) type Pending<T> = Option<Pin<Box<dyn Future<Output = T> + Send>>>;

/// Waits for a future that may not be there.
pub(super) async fn pending<T>(future: &mut Pending<T>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

/// Waits for a message on a channel that may not be there.
pub(super) async fn next(notices: &mut Option<mpsc::Receiver<Message>>) -> Option<Message> {
    match notices {
        Some(notices) => notices.recv().await,
        None => std::future::pending().await,
    }
}
