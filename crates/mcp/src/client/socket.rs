//! Newline-delimited messages over a Unix socket.

use super::connection::Connection;
use super::lines::read_lines;
use super::outbox::{Outbox, Sender};
use super::shared::{Link, Parts};
use super::tail::Tail;
use crate::Message;
use base::{Code, Error, Result, network, task};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How to reach a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name of the server, for errors.
    pub name: String,
    /// The socket.
    pub path: PathBuf,
    /// The most bytes of one message.
    pub message_limit: usize,
}

/// Opens a connection. `notices` gets the notifications that belong to no call.
pub async fn open(options: &Options, tail: Arc<Tail>, notices: mpsc::Sender<Message>) -> Result<Arc<Link>> {
    let stream = network::connect_socket(&options.path).await.map_err(|error| unreachable(options, &error))?;
    let (input, output) = stream.into_split();
    let outbox = Arc::new(Outbox::new(Sender::Socket(output)));
    let token = CancellationToken::new();
    let link = Link::new(Parts {
        name: options.name.clone(),
        holder: Arc::new(Connection(token.clone())),
        outlet: Arc::clone(&outbox) as _,
        limit: options.message_limit,
        tail,
        notices,
    });
    let writing = Arc::clone(&link);
    task::spawn("upstream input", async move {
        // Who waits for a server that takes nothing any more would wait in vain.
        if outbox.drain().await {
            writing.terminate();
        }
    });
    let (reading, limit) = (Arc::clone(&link), options.message_limit);
    task::spawn("upstream output", async move {
        let how = tokio::select! {
            () = read_lines(input, limit, |line| reading.take_line(line)) => "was closed by the other end",
            () = token.cancelled() => "was closed",
        };
        reading.close(reading.fault(how));
    });
    Ok(link)
}

fn unreachable(options: &Options, error: &std::io::Error) -> Error {
    let (name, path) = (&options.name, options.path.display());
    let next = match error.kind() {
        std::io::ErrorKind::NotFound => "start that server, or correct the path in `url`",
        std::io::ErrorKind::ConnectionRefused => "start that server: the file is there, but nobody listens",
        std::io::ErrorKind::PermissionDenied => "check who may use the socket",
        _ => "check the path in `url`",
    };
    Error::new(Code::UpstreamUnreachable, format!("the socket {path} of `{name}` cannot be reached: {error}"), next)
        .of_upstream(name)
}
