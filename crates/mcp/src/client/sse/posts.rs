//! Messages to the server, each a request of its own.

use crate::client::address::Address;
use crate::client::queue::Queued;
use crate::client::shared::Link;
use crate::client::wire::Pool;
use crate::raw;
use base::{Code, Error, Result};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::{HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::Full;
use std::sync::Arc;
use std::time::Duration;

/// Sends messages.
#[derive(Clone)]
pub(super) struct Posts(Arc<Inner>);

struct Inner {
    address: Arc<Address>,
    target: Uri,
    pool: Pool,
    link: Arc<Link>,
}

/// The most messages that are on their way at once.
const AT_ONCE: usize = 64;

/// How long a message whose place in the order matters is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

impl Posts {
    pub(super) fn new(address: Arc<Address>, target: Uri, link: Arc<Link>) -> Self {
        Self(Arc::new(Inner { address, target, pool: Pool::default(), link }))
    }

    /// Sends messages until there are no more.
    ///
    /// Requests go side by side, for each may take as long as the way to the server and back. A notification may be about
    /// what went before it ("cancelled") and decide what comes after it ("initialized"), so it goes alone. A server that
    /// answers a POST late cannot stop the others for longer than the order is worth.
    pub(super) async fn run(self, mut queued: Queued) {
        let mut on_the_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                message = queued.next(), if on_the_way.len() < AT_ONCE => {
                    let Some(message) = message else { break };
                    let alone = is_notification(&message);
                    if alone {
                        settle(&mut on_the_way).await;
                    }
                    on_the_way.push(self.clone().post(message));
                    if alone {
                        settle(&mut on_the_way).await;
                    }
                }
                Some(()) = on_the_way.next() => {}
            }
        }
        settle(&mut on_the_way).await;
    }

    /// Sends one message. What goes wrong ends the request that it is, or the connection.
    async fn post(self, message: String) {
        let request = own_id(&message);
        let inner = &self.0;
        match self.exchange(message).await {
            Ok(status) if status.is_success() => {}
            Ok(status) => {
                let refused = inner.address.refused(status, true, "");
                // A session that is not known or a credential that is not taken concern all.
                let for_all = matches!(status.as_u16(), 401 | 403 | 404 | 410);
                let how = format!("was given up, because a message was refused with HTTP status {status}");
                self.failed(request, refused, for_all.then_some(how));
            }
            // A request whose connection broke may have arrived; all others have not, and none will.
            Err(error) if error.code() == Code::UpstreamExited => self.failed(request, error, None),
            Err(error) => {
                let how = format!("was given up, because a message could not be sent: {}", error.message());
                self.failed(request, error, Some(how));
            }
        }
    }

    fn failed(&self, request: Option<u64>, error: Error, how: Option<String>) {
        let link = &self.0.link;
        if let Some(id) = request {
            link.fail(id, error);
        }
        // Other calls may have had their effect, so they do not get the error of this one.
        if let Some(how) = how {
            link.close(link.fault(&how));
            link.terminate();
        }
    }

    async fn exchange(&self, message: String) -> Result<StatusCode> {
        let inner = &self.0;
        let mut request = http::Request::new(Full::new(Bytes::from(message)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = inner.target.clone();
        request.headers_mut().clone_from(&inner.address.headers);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (wire, response) = inner.address.exchange(&inner.pool, request).await?;
        let status = response.status();
        inner.pool.put(wire, Some(response.into_body()));
        Ok(status)
    }
}

/// Waits for what is on its way, but not for ever.
async fn settle<F: Future<Output = ()>>(on_the_way: &mut FuturesUnordered<F>) {
    let all = async { while on_the_way.next().await.is_some() {} };
    let _ = tokio::time::timeout(PATIENCE, all).await;
}

fn is_notification(message: &str) -> bool {
    raw::get(message, "id").is_none()
}

/// The id of a request. An answer has one too, but of the other end.
fn own_id(message: &str) -> Option<u64> {
    raw::get(message, "method")?;
    raw::get(message, "id")?.parse().ok()
}
