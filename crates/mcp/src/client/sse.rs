//! The HTTP transport of version 2024-11-05: one stream of events for all that the server says, and a POST for each
//! message to it, to an address that the stream names first.

mod posts;

use super::address::{Address, Options, WEB};
use super::connection::Connection;
use super::http::is_events;
use super::queue::queue;
use super::shared::{Link, Parts};
use super::tail::Tail;
use super::wire::{Pool, Wire};
use crate::Message;
use crate::sse::{Decoder, Event};
use base::{Error, Result, task};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use posts::Posts;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The stream of what the server says.
struct Events {
    wire: Wire,
    body: Incoming,
    decoder: Decoder,
    address: Arc<Address>,
}

/// Opens the stream, and with it a session. `notices` gets the notifications that belong to no call.
pub async fn open(options: &Options, tail: Arc<Tail>, notices: mpsc::Sender<Message>) -> Result<Arc<Link>> {
    let address = Arc::new(Address::parse(options, WEB)?);
    let mut events = Events::open(Arc::clone(&address)).await?;
    let target = events.endpoint().await?;
    let (outlet, queued) = queue();
    let token = CancellationToken::new();
    let link = Link::new(Parts {
        name: address.name.clone(),
        holder: Arc::new(Connection(token.clone())),
        outlet,
        limit: address.limit,
        tail,
        notices,
    });
    let posts = Posts::new(address, target, Arc::clone(&link));
    let stopped = token.clone();
    task::spawn("upstream input", async move {
        tokio::select! {
            () = stopped.cancelled() => {}
            () = posts.run(queued) => stopped.cancel(),
        }
    });
    let reading = Arc::clone(&link);
    task::spawn("upstream output", async move {
        let error = tokio::select! {
            ended = events.read(&reading) => ended.unwrap_or_else(|| reading.fault("was closed by the other end")),
            () = token.cancelled() => reading.fault("was closed"),
        };
        token.cancel();
        reading.close(error);
    });
    Ok(link)
}

impl Events {
    async fn open(address: Arc<Address>) -> Result<Self> {
        let mut request = http::Request::new(Full::new(Bytes::new()));
        *request.uri_mut() = address.target.clone();
        request.headers_mut().clone_from(&address.headers);
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let (wire, response) = address.exchange(&Pool::default(), request).await?;
        if response.status() != StatusCode::OK {
            return Err(address.refused(response.status(), false, ""));
        }
        if !is_events(&response) {
            return Err(address.protocol("has no stream of events at its `url`"));
        }
        let decoder = Decoder::new(address.limit);
        Ok(Self { wire, body: response.into_body(), decoder, address })
    }

    /// Where messages go: what the first event of the stream says. Another origin would get the credentials of this one.
    async fn endpoint(&mut self) -> Result<Uri> {
        while let Some(event) = self.next().await? {
            if event.name != "endpoint" {
                continue;
            }
            return self.address.same_origin(&event.data).ok_or_else(|| {
                let named: String = event.data.chars().filter(|character| !character.is_control()).take(200).collect();
                self.address.protocol(&format!("wants its messages sent to {named}, which is of another origin"))
            });
        }
        Err(self.address.protocol("ended its stream of events before it said where messages go"))
    }

    /// Reads until the stream ends; answers why, if it was not just closed.
    async fn read(&mut self, link: &Link) -> Option<Error> {
        loop {
            match self.next().await {
                Ok(None) => return None,
                // Events of other names are not the protocol's; servers keep connections open with them.
                Ok(Some(event)) if event.data.is_empty() || !matches!(event.name.as_str(), "" | "message") => {}
                Ok(Some(event)) => link.take_text(&event.data),
                Err(error) => return Some(error),
            }
        }
    }

    async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some(event) = self.decoder.next_event().map_err(|_| self.address.too_large())? {
                return Ok(Some(event));
            }
            match self.wire.piece(&mut self.body).await.map_err(|error| self.address.broken(&error))? {
                Some(piece) => self.decoder.feed(&piece),
                None => return Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests;
