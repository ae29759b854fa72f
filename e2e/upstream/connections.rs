//! The upstream over connections that carry everything: WebSockets and a Unix socket.

use super::outlet::Outlet;
use super::server::{Link, Server, Session};
use crate::harness::frames::{self, CLOSE, PING, PONG, TEXT};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::mpsc;

/// Listens on a free port, says where, and serves until standard input ends.
pub(crate) async fn serve_web_sockets(server: Arc<Server>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("a listener has an address");
    Outlet::Stdout.send_raw(format!("ws://{address}/ws").into_bytes());
    let accept = async {
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let _ = socket.set_nodelay(true);
            let (input, output) = socket.into_split();
            tokio::spawn(web_socket(Arc::clone(&server), BufReader::new(input), output));
        }
    };
    until_input_ends(accept).await;
}

/// Listens on `path`, says so, and serves until standard input ends.
pub(crate) async fn serve_socket(server: Arc<Server>, path: &Path) {
    let _ = std::fs::remove_file(path);
    let listener = tokio::net::UnixListener::bind(path).expect("the socket can be made");
    Outlet::Stdout.send_raw(format!("unix://{}", path.display()).into_bytes());
    let accept = async {
        loop {
            let Ok((socket, _)) = listener.accept().await else { continue };
            let (input, output) = socket.into_split();
            tokio::spawn(lines(Arc::clone(&server), BufReader::new(input), output));
        }
    };
    until_input_ends(accept).await;
}

/// Does `work` until standard input ends.
pub(crate) async fn until_input_ends(work: impl Future<Output = ()>) {
    let mut nothing = Vec::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        () = work => {}
        _ = tokio::io::AsyncReadExt::read_to_end(&mut input, &mut nothing) => {}
    }
}

/// A session on a connection of its own, and what is to be written there.
pub(crate) fn connect() -> (Link, mpsc::UnboundedReceiver<Vec<u8>>) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (sender, receiver) = mpsc::unbounded_channel();
    let session = Session::new(format!("connection-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    (Link { outlet: Outlet::Connection(sender), session, planned: None }, receiver)
}

async fn web_socket(
    server: Arc<Server>,
    mut input: impl AsyncRead + Unpin + Send + 'static,
    mut output: impl AsyncWrite + Unpin + Send + 'static,
) {
    let Some(head) = frames::read_head(&mut input).await else { return };
    let headers = headers_of(&head);
    let answer = answer_to(&server, &head);
    let refused = !answer.starts_with("HTTP/1.1 101");
    if output.write_all(answer.as_bytes()).await.is_err() || refused {
        return;
    }
    let (link, mut messages) = connect();
    let (controls, mut control) = mpsc::unbounded_channel::<Vec<u8>>();
    let writer = tokio::spawn(async move {
        loop {
            let bytes = tokio::select! {
                Some(frame) = control.recv() => frame,
                message = messages.recv() => match message {
                    // Nothing to say means to hang up.
                    Some(message) if message.is_empty() => frames::frame(CLOSE, b"\x03\xe9I have to go", false),
                    // A text frame holds UTF-8, whatever a tool writes.
                    Some(message) => frames::frame(TEXT, String::from_utf8_lossy(&message).as_bytes(), false),
                    None => return,
                },
            };
            let last = bytes[0] & 0x0f == CLOSE;
            if output.write_all(&bytes).await.is_err() || output.flush().await.is_err() || last {
                return;
            }
        }
    });
    let reading = async {
        server.delay().await;
        while let Some((opcode, payload)) = frames::read(&mut input).await {
            match opcode {
                TEXT => take(&server, &payload, &headers, &link),
                PING => drop(controls.send(frames::frame(PONG, &payload, false))),
                CLOSE => {
                    let _ = controls.send(frames::frame(CLOSE, &payload, false));
                    return;
                }
                _ => {}
            }
        }
    };
    reading.await;
    server.desk.forget(&link.session.name);
    drop((link, controls));
    let _ = writer.await;
}

/// The answer to a handshake.
fn answer_to(server: &Server, head: &str) -> String {
    match (&server.options.require_header, frames::header_of(head, "sec-websocket-key")) {
        (Some((name, wanted)), _) if frames::header_of(head, name) != Some(wanted) => {
            "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        (_, None) => "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_owned(),
        (_, Some(key)) => format!(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-accept: {}\r\nsec-websocket-protocol: mcp\r\n\r\n",
            frames::accept(key)
        ),
    }
}

async fn lines(
    server: Arc<Server>,
    mut input: impl tokio::io::AsyncBufRead + Unpin + Send + 'static,
    mut output: impl AsyncWrite + Unpin + Send + 'static,
) {
    let (link, mut messages) = connect();
    let writer = tokio::spawn(async move {
        while let Some(mut message) = messages.recv().await {
            if message.is_empty() {
                return;
            }
            message.push(b'\n');
            if output.write_all(&message).await.is_err() {
                return;
            }
        }
    });
    let mut line = Vec::new();
    let reading = async {
        server.delay().await;
        while input.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            take(&server, line.trim_ascii_end(), &Map::new(), &link);
            line.clear();
        }
    };
    tokio::select! {
        () = reading => {}
        () = link.outlet.gone() => {}
    }
    server.desk.forget(&link.session.name);
    drop(link);
    let _ = writer.await;
}

fn take(server: &Arc<Server>, raw: &[u8], headers: &Map<String, Value>, link: &Link) {
    server.recorder.write(raw, headers);
    if !server.options.silent {
        server.receive(raw, link);
    }
}

fn headers_of(head: &str) -> Map<String, Value> {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().into())).collect()
}
