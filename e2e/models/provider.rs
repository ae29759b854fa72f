//! A provider of models in this process, byte by byte: it says what its script says, as slowly and as brokenly as that
//! wants, and remembers what it was asked.

use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

/// What the provider was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Path and query as they came.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How many requests came before it on its connection.
    pub(crate) before: usize,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the hub sends JSON")
    }
}

/// A step of an answer.
#[derive(Clone)]
pub(crate) enum Step {
    /// These bytes go out.
    Send(Vec<u8>),
    /// These go out one after the other, each so long after the one before.
    Drip(Vec<u8>, Duration),
    /// These go out again and again, each so long after the one before.
    Repeat(Vec<u8>, Duration),
    /// The rest waits until the test says so.
    Await(Arc<Notify>),
    /// Nothing is said until the test gives a permit.
    Wait(Arc<Semaphore>),
    /// Nothing is said any more, and the connection stays.
    Stall,
    /// The connection is reset.
    Reset,
    /// The connection is closed.
    Close,
}

/// The head of an answer.
pub(crate) fn head(status: u16, headers: &[(&str, &str)]) -> Step {
    let mut text = format!("HTTP/1.1 {status} Some Words\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    Step::Send(format!("{text}\r\n").into_bytes())
}

/// A whole answer.
pub(crate) fn whole(status: u16, kind: &str, headers: &[(&str, &str)], body: &str) -> Vec<Step> {
    let length = body.len().to_string();
    let headers = [&[("content-type", kind), ("content-length", &length)][..], headers].concat();
    vec![head(status, &headers), Step::Send(body.as_bytes().to_vec())]
}

/// A whole answer of JSON with success.
pub(crate) fn json(body: &str) -> Vec<Step> {
    whole(200, "application/json", &[], body)
}

/// A piece of a body whose length nobody knows.
pub(crate) fn piece(text: &str) -> Step {
    Step::Send([format!("{:x}\r\n", text.len()).as_bytes(), text.as_bytes(), b"\r\n"].concat())
}

/// The end of such a body.
pub(crate) fn end() -> Step {
    Step::Send(b"0\r\n\r\n".to_vec())
}

/// The head of a stream.
pub(crate) fn stream_head(kind: &str) -> Step {
    head(200, &[("content-type", kind), ("transfer-encoding", "chunked")])
}

/// A stream of events, whole.
pub(crate) fn events(pieces: &[&str]) -> Vec<Step> {
    let mut steps = vec![stream_head("text/event-stream")];
    steps.extend(pieces.iter().map(|text| piece(text)));
    steps.push(end());
    steps
}

type Script = dyn Fn(&Asked) -> Vec<Step> + Send + Sync;

/// A running provider. Dropping it ends it.
pub(crate) struct Provider {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// How many connections the hub has closed while an answer was under way.
    left: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

impl Provider {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("a listener has an address"));
        let (asked, left) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::<AtomicUsize>::default());
        let (record, count, script): (_, _, Arc<Script>) = (Arc::clone(&asked), Arc::clone(&left), Arc::new(script));
        let serving = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let _ = socket.set_nodelay(true);
                tokio::spawn(serve(socket, Arc::clone(&record), Arc::clone(&count), Arc::clone(&script)));
            }
        });
        Self { url, asked, left, serving }
    }

    /// Everything that it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no holder of this lock panics").clone()
    }

    /// The last thing that it was asked.
    #[track_caller]
    pub(crate) fn last(&self) -> Asked {
        self.asked().pop().expect("it was asked something")
    }

    /// How many connections the hub has closed while an answer was under way.
    pub(crate) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut socket: TcpStream, record: Arc<Mutex<Vec<Asked>>>, left: Arc<AtomicUsize>, script: Arc<Script>) {
    let mut buffer = Vec::new();
    let mut before = 0;
    while let Some(asked) = read(&mut socket, &mut buffer, before).await {
        before += 1;
        let steps = script(&asked);
        record.lock().expect("no holder of this lock panics").push(asked);
        for step in steps {
            let fine = match step {
                Step::Send(bytes) => socket.write_all(&bytes).await.is_ok(),
                Step::Drip(bytes, wait) => drip(&mut socket, &bytes, wait).await,
                Step::Repeat(bytes, wait) => repeat(&mut socket, &bytes, wait).await,
                Step::Await(gate) => {
                    gate.notified().await;
                    true
                }
                Step::Wait(go) => {
                    let mut byte = [0];
                    tokio::select! {
                        permit = go.acquire() => permit.map(tokio::sync::SemaphorePermit::forget).is_ok(),
                        _ = socket.read(&mut byte) => false,
                    }
                }
                Step::Stall => !matches!(socket.read(&mut [0; 64]).await, Ok(0) | Err(_)),
                Step::Close => return,
                Step::Reset => {
                    let _ = socket.set_zero_linger();
                    return;
                }
            };
            if !fine {
                left.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
    }
}

async fn repeat(socket: &mut TcpStream, bytes: &[u8], wait: Duration) -> bool {
    while socket.write_all(bytes).await.is_ok() {
        tokio::time::sleep(wait).await;
    }
    false
}

/// The next request on the connection.
async fn read(socket: &mut TcpStream, buffer: &mut Vec<u8>, before: usize) -> Option<Asked> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        more(socket, buffer).await?;
    };
    let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let length: usize = length.unwrap_or(0);
    while buffer.len() < end + length {
        more(socket, buffer).await?;
    }
    let body = buffer[end..end + length].to_vec();
    buffer.drain(..end + length);
    Some(Asked { target, headers, body, before })
}

async fn more(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut bytes = [0; 4096];
    match socket.read(&mut bytes).await {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            buffer.extend_from_slice(&bytes[..count]);
            Some(())
        }
    }
}

async fn drip(socket: &mut TcpStream, bytes: &[u8], wait: Duration) -> bool {
    for byte in bytes {
        tokio::time::sleep(wait).await;
        if socket.write_all(&[*byte]).await.is_err() {
            return false;
        }
    }
    true
}
