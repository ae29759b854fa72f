//! The fake over streamable HTTP, by hand: it must be able to do what no library lets a server do.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Fake, Fate, fault};
use crate::session::Era;

/// How long a port that the predecessor of this process had is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Says where it is on standard output, and serves until standard input ends.
pub(super) async fn serve(fake: Arc<Fake>, port: u16) -> Result<()> {
    let listener = tokio::time::timeout(PATIENCE, bind(port)).await.context("the port does not become free")??;
    crate::serve::announce(&format!("http://{}/mcp", listener.local_addr().context("no address")?))?;
    // Sessions end with the process, as they do in most servers.
    let session = Arc::new(format!("session-{}", std::process::id()));
    let accept = async {
        let mut held = Vec::new();
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            if fake.options.silent {
                held.push(stream);
                continue;
            }
            let _ = stream.set_nodelay(true);
            let (fake, session) = (Arc::clone(&fake), Arc::clone(&session));
            tokio::spawn(async move { serve_connection(&fake, &session, stream).await });
        }
    };
    let mut nothing = Vec::new();
    let mut input = tokio::io::stdin();
    tokio::select! {
        () = accept => {}
        _ = input.read_to_end(&mut nothing) => {}
    }
    Ok(())
}

async fn bind(port: u16) -> Result<TcpListener> {
    loop {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Err(error) if port != 0 && error.kind() == std::io::ErrorKind::AddrInUse => {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            listener => return listener.context("cannot bind a loopback port"),
        }
    }
}

/// One request as it came.
struct Arrival {
    method: String,
    session: Option<String>,
    body: Vec<u8>,
}

async fn serve_connection(fake: &Fake, session: &str, mut stream: TcpStream) {
    let mut buffer = Vec::new();
    while let Some(arrival) = read(&mut stream, &mut buffer).await {
        let message: Value = serde_json::from_slice(&arrival.body).unwrap_or(Value::Null);
        // What does not belong to the session is not begun.
        let strange = is_strange(fake, session, &arrival, &message);
        let (fate, wait) = if strange { (Fate::Answer, Duration::ZERO) } else { fake.begin(&message) };
        tokio::time::sleep(wait).await;
        let response = match fate {
            Fate::Reset => {
                // Closing without lingering sends a reset.
                let _ = stream.set_zero_linger();
                return;
            }
            Fate::Stall => {
                // Until the other end gives up.
                let _ = stream.read(&mut [0; 1]).await;
                return;
            }
            Fate::Garbage => plain(200, "application/json", "{ this is no message"),
            Fate::Status => plain(503, "text/plain", "unavailable by order"),
            Fate::Error => plain(200, "application/json", &fault(&message).to_string()),
            Fate::Answer => respond(fake, session, &arrival, &message),
        };
        if stream.write_all(response.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Whether a message belongs to a session that is not known, or to none where it must.
fn is_strange(fake: &Fake, session: &str, arrival: &Arrival, message: &Value) -> bool {
    let outside = fake.options.era == Era::Modern || message["method"] == "initialize";
    !outside && arrival.session.as_deref() != Some(session)
}

fn respond(fake: &Fake, session: &str, arrival: &Arrival, message: &Value) -> String {
    let legacy = fake.options.era == Era::Legacy;
    match arrival.method.as_str() {
        "POST" => {}
        "DELETE" if legacy => return plain(200, "text/plain", ""),
        _ => return plain(405, "text/plain", "only POST"),
    }
    let initialize = message["method"] == "initialize";
    if is_strange(fake, session, arrival, message) {
        let discover = message["method"] == "server/discover";
        let (status, text) = if discover { (400, "no session") } else { (404, "session not found") };
        let error = json!({ "code": -32001, "message": text });
        let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "error": error });
        return plain(status, "application/json", &answer.to_string());
    }
    let Some(answer) = fake.answer(message) else { return plain(202, "text/plain", "") };
    let text = answer.to_string();
    if initialize && legacy {
        let head = format!("Content-Type: application/json\r\nMcp-Session-Id: {session}\r\n");
        return whole(200, &head, &text);
    }
    // Both ways in which a server may answer, by turns that the length of the answer decides.
    if text.len().is_multiple_of(2) && message["method"] == "tools/call" {
        let event = format!("event: message\ndata: {text}\n\n");
        return format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{event}\r\n0\r\n\r\n",
            event.len()
        );
    }
    plain(200, "application/json", &text)
}

fn plain(status: u16, kind: &str, body: &str) -> String {
    whole(status, &format!("Content-Type: {kind}\r\n"), body)
}

fn whole(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} OK\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The next request; nothing when there is none, or something that is none.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Arrival> {
    let end = loop {
        if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = std::str::from_utf8(&buffer[..end]).ok()?.to_owned();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while buffer.len() < end + 4 + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[end + 4..end + 4 + length].to_vec();
    buffer.drain(..end + 4 + length);
    let method = head.split(' ').next().unwrap_or_default().to_owned();
    Some(Arrival { method, session: header("mcp-session-id"), body })
}
