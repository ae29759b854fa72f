//! A collector that keeps what it gets. What is in the messages is read by independent software elsewhere; here it is
//! enough to find names and ids in their bytes.

use crate::harness::eventually;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One request that a collector got.
#[derive(Clone)]
pub(super) struct Got {
    pub(super) path: String,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

pub(super) struct Collector {
    pub(super) url: String,
    got: Arc<Mutex<Vec<Got>>>,
    serving: JoinHandle<()>,
}

impl Collector {
    pub(super) async fn start() -> Self {
        Self::answering("200 OK").await
    }

    /// One that takes nothing.
    pub(super) async fn refusing() -> Self {
        Self::answering("403 Forbidden").await
    }

    async fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    if let Some(request) = answer(stream, status).await {
                        kept.lock().expect("no holder of this lock panics").push(request);
                    }
                });
            }
        });
        Self { url, got, serving }
    }

    pub(super) fn got(&self) -> Vec<Got> {
        self.got.lock().expect("no holder of this lock panics").clone()
    }

    /// Waits until a message at `path` holds all of `parts`.
    pub(super) async fn wait_for(&self, path: &str, parts: &[&[u8]]) -> Got {
        eventually(&format!("the collector gets it at {path}"), || async {
            let all = self.got();
            let whole = |got: &&Got| got.path == path && parts.iter().all(|part| holds(&got.body, part));
            all.iter().find(whole).cloned().ok_or_else(|| format!("{} messages", all.len()))
        })
        .await
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub(super) fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

async fn answer(mut stream: TcpStream, status: &str) -> Option<Got> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())?;
    let mut body = bytes.split_off(end);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()?;
    Some(Got { path, head, body })
}
