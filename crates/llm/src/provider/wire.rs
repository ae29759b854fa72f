//! A request over one connection, and the bytes that come back.

use super::Provider;
use super::way::Way;
use crate::failure::Failure;
use base::network::certificate;
use base::{Code, Error};
use bytes::Bytes;
use exchange::head::{Head, Outgoing};
use exchange::{Broken, Connection};
use resilience::retry::Reach;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The most bytes of an answer that is no success, …
const REFUSAL: usize = 1 << 20;
/// … and how long is waited for them: its status says enough.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(5);

impl Provider {
    /// Sends a request over a connection that waits, or a new one. One that the provider closes or resets at the very
    /// moment, as it may when a connection has waited for long, has taken nothing.
    pub(super) async fn exchange(
        &self,
        deployment: &str,
        way: &Way,
        request: &Outgoing,
        sent: Option<&AtomicBool>,
    ) -> Result<(Connection, Head), Failure> {
        let sending = || sent.iter().for_each(|sent| sent.store(true, Ordering::Relaxed));
        if let Some(mut connection) = self.pool.take() {
            sending();
            match connection.send(request).await {
                Ok(head) => return Ok((connection, head)),
                Err(Broken::Unanswered) => {}
                Err(error) => return Err(broken(deployment, &error)),
            }
        }
        let limit = self.settings.timeouts.connect;
        let opened = tokio::time::timeout(limit, Connection::open(&way.connector)).await;
        let mut connection = match opened {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(unreachable(deployment, &error.to_string(), certificate::advice(&error))),
            Err(_) => return Err(unreachable(deployment, &format!("no connection within {limit:?}"), None)),
        };
        sending();
        match connection.send(request).await {
            Ok(head) => Ok((connection, head)),
            // It may have been read all the same; to ask a model twice does no harm but its price.
            Err(error @ Broken::Unanswered) => Err(broken(deployment, &error).repeating(Reach::MayHaveBegun)),
            Err(error) => Err(broken(deployment, &error)),
        }
    }

    /// Reads what a provider says with a status that is no success: nothing where that does not come whole or at once.
    pub(super) async fn refusal(&self, deployment: &str, connection: Connection) -> Bytes {
        let patience = self.settings.timeouts.idle.min(REFUSAL_PATIENCE);
        let read = tokio::time::timeout(patience, self.read(deployment, connection, REFUSAL)).await;
        read.ok().and_then(Result::ok).unwrap_or_default()
    }

    /// Reads a body whole.
    pub(super) async fn read(
        &self,
        deployment: &str,
        mut connection: Connection,
        limit: usize,
    ) -> Result<Bytes, Failure> {
        if let Some(body) = connection.whole(limit).await.map_err(|error| broken(deployment, &error))? {
            self.pool.put(connection);
            return Ok(body);
        }
        let message = format!("{deployment} sent an answer above the limit of {limit} bytes");
        let next = "ask for less at once, or raise `answer_limit` of the provider";
        let error = Error::new(Code::ModelAnswerTooLarge, message, next).of_upstream(deployment);
        Err(Failure::of_deployment(error))
    }
}

pub(super) fn unreachable(deployment: &str, why: &str, advice: Option<&str>) -> Failure {
    let next = advice.unwrap_or("start it, or correct `url` of the provider; the network may be in the way too");
    let error = Error::new(Code::ModelUnreachable, format!("{deployment} cannot be reached: {why}"), next);
    Failure::of_deployment(error.of_upstream(deployment))
}

pub(super) fn broken(deployment: &str, error: &Broken) -> Failure {
    let message = format!("the connection to {deployment} broke before its answer was complete: {error}");
    Failure::of_deployment(Error::new(Code::ModelBroken, message, "ask again").of_upstream(deployment))
}
