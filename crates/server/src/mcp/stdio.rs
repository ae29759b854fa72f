//! The endpoint over standard input and output, for clients that only start programs.

use super::client::Client;
use super::dialogue::{self, Reply};
use super::memory::Memory;
use super::operation::Operation;
use super::pending::Next;
use super::rounds;
use super::session::Session;
use super::{lifecycle, modern};
use crate::guard::{Guard, PRINCIPAL};
use crate::{Limits, Shared};
use base::seal::Sealer;
use base::{Code, Error, Result};
use mcp::line::{Line, Splitter};
use mcp::message::Kind;
use mcp::parameter::Headers;
use mcp::{Era, Message, Method, write};
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tools::Hub;

/// One client at the other end of two pipes.
struct Peer {
    shared: Arc<Shared>,
    view: String,
    /// Holds the requests under way, of either era.
    session: Arc<Session>,
    /// Whether the client has sent `initialize`.
    greeted: bool,
    out: mpsc::Sender<String>,
}

/// Serves one client over `input` and `output` until the input ends, without listening anywhere. What is under way then
/// has as long as `limits` give it.
pub async fn serve<I, O>(hub: Hub, limits: Limits, sealer: &Sealer, view: &str, input: I, output: O) -> Result<()>
where
    I: AsyncRead + Unpin + Send,
    O: AsyncWrite + Unpin + Send + 'static,
{
    if hub.view(view).is_none() {
        let known = hub.view_names().join(", ");
        return Err(Error::new(Code::UnknownView, format!("there is no view `{view}`"), format!("views: {known}")));
    }
    // Nobody else can reach these pipes, so the guard has nothing to do.
    let guard = Guard::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None)?;
    let drain = limits.drain;
    let shared = Shared::new(hub, guard, limits, sealer, (Memory::default(), HashSet::new()))?;
    let news = base::task::spawn("news", super::subscribers::follow(Arc::clone(&shared)));
    let (out, messages) = mpsc::channel(256);
    let writer = base::task::spawn("standard output", write_all(messages, output));
    let session = Arc::new(shared.sessions.unlisted(view, mcp::version::LATEST_LEGACY, "{}")?);
    let peer = Peer { shared, view: view.to_owned(), session, greeted: false, out };
    peer.converse(input).await;
    let _ = tokio::time::timeout(drain, writer).await;
    news.abort();
    Ok(())
}

impl Peer {
    async fn converse<I: AsyncRead + Unpin>(mut self, mut input: I) {
        let limit = self.shared.limits.body;
        let mut splitter = Splitter::new(limit);
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count) = input.read(&mut buffer).await {
            if count == 0 {
                break;
            }
            splitter.feed(&buffer[..count]);
            while let Some(line) = splitter.next_line() {
                match line {
                    Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                    Line::Whole(bytes) => self.take(bytes).await,
                    Line::TooLong { length, .. } => {
                        let message = format!("a message has {length} bytes; the limit is {limit}");
                        let error = Error::new(Code::BodyTooLarge, message, "send less at once");
                        self.send(write::error("null", &error)).await;
                    }
                }
            }
        }
        self.shared.hub.forget_client(self.session.number);
        self.shared.shutdown.cancel();
        // Answers that are under way are still written; streams would have no end.
        self.shared.subscribers.close();
    }

    async fn take(&mut self, bytes: Vec<u8>) {
        let message = match Message::from_bytes(bytes) {
            Ok(message) => message,
            Err(malformed) => return self.send(write::error("null", &malformed.to_error())).await,
        };
        let mut operation = Operation::begin(&self.shared, &message, None);
        let id = message.id().unwrap_or("null").to_owned();
        match self.client(&message) {
            Ok(Ok(client)) => {
                client.introduce(&mut operation);
                let reply = dialogue::answer(&self.shared, &client, &message);
                self.reply(reply, &id, client.era, message, operation).await;
            }
            Ok(Err(text)) => {
                operation.answered(text.len());
                self.send(text).await;
            }
            Err(error) => {
                operation.refused(&error);
                self.send(write::error(&id, &error)).await;
            }
        }
    }

    /// Finds out how the client speaks; `initialize` is answered here.
    fn client(&mut self, message: &Message) -> Result<Result<Client, String>> {
        let id = message.id().unwrap_or("null");
        let view = self.shared.hub.view(&self.view);
        let view = view.ok_or_else(|| {
            Error::new(
                Code::UnknownView,
                format!("the view `{}` was removed", self.view),
                "start again with another view",
            )
        })?;
        let session = Some(Arc::clone(&self.session));
        let (principal, headers) = (Arc::from(PRINCIPAL), Headers::default());
        if modern::version_in_body(message).is_some() {
            if matches!(message.kind(), Kind::Request(_))
                && let Some(asked) = modern::check_meta(message)?
            {
                return Ok(Err(lifecycle::unsupported(id, &asked)));
            }
            return Ok(Ok(Client { era: Era::Modern, view, session, principal, headers }));
        }
        match message.kind() {
            Kind::Request(Method::Initialize) => {
                let params = message.body().unwrap_or("{}");
                let version = lifecycle::agreed(params)?;
                let capabilities = lifecycle::asked_of(params);
                self.session = Arc::new(self.shared.sessions.unlisted(&self.view, version, &capabilities)?);
                self.greeted = true;
                self.forward(self.shared.subscribers.add_legacy(&self.session));
                Ok(Err(write::result(id, &lifecycle::initialized(&view, version))))
            }
            Kind::Request(Method::Discover) => Ok(Err(lifecycle::unsupported(id, ""))),
            Kind::Request(_) if !self.greeted => {
                let next = "send initialize first, or speak version 2026-07-28";
                Err(Error::new(Code::SessionMissing, "the client has not said how it speaks", next))
            }
            _ => Ok(Ok(Client { era: Era::Legacy, view, session, principal, headers })),
        }
    }

    async fn reply(&self, reply: Reply, id: &str, era: Era, message: Message, operation: Operation) {
        match reply {
            Reply::Nothing => operation.answered(0),
            Reply::Now(text) => {
                operation.answered(text.len());
                self.send(text).await;
            }
            Reply::Refused(error) => {
                operation.refused(&error);
                self.send(write::error_in(id, &error, era)).await;
            }
            Reply::Soon(text) => {
                operation.answered(0);
                let out = self.out.clone();
                base::task::spawn("answer", async move { drop(out.send(text.await).await) });
            }
            Reply::Stream(messages) => {
                operation.answered(0);
                self.forward(messages);
            }
            Reply::Later(mut pending) => {
                pending.observe(operation);
                let (out, shared) = (self.out.clone(), Arc::clone(&self.shared));
                base::task::spawn("answer", async move {
                    loop {
                        match pending.next().await {
                            Next::Note(text) | Next::Ask { text, .. } => drop(out.send(text).await),
                            Next::Input(input) => {
                                let text = rounds::ask(&shared.rounds, PRINCIPAL, &message, *pending, input);
                                return drop(out.send(text).await);
                            }
                            Next::Last(text) => return drop(out.send(text).await),
                            Next::Cancelled => return,
                        }
                    }
                });
            }
        }
    }

    /// Passes messages on as long as they come.
    fn forward(&self, mut messages: mpsc::Receiver<String>) {
        let out = self.out.clone();
        base::task::spawn("messages", async move {
            while let Some(message) = messages.recv().await {
                if out.send(message).await.is_err() {
                    return;
                }
            }
        });
    }

    async fn send(&self, text: String) {
        let _ = self.out.send(text).await;
    }
}

/// Writes one message a line. Line feeds within pretty-printed JSON are white space and become spaces.
async fn write_all<O: AsyncWrite + Unpin>(mut messages: mpsc::Receiver<String>, mut output: O) {
    while let Some(message) = messages.recv().await {
        let line = message.replace(['\n', '\r'], " ") + "\n";
        if output.write_all(line.as_bytes()).await.is_err() || output.flush().await.is_err() {
            return;
        }
    }
}
