//! A collector that answers with given statuses, the last of them again and again; without any it never answers.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub(super) struct Request {
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub(super) struct Collector {
    pub(super) address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Request>,
    serving: JoinHandle<()>,
}

impl Collector {
    pub(super) async fn start(statuses: Vec<u16>) -> Self {
        let listener = base::network::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        let serving = base::task::spawn("collector", serve(listener, statuses, sender));
        Self { address, requests, serving }
    }

    pub(super) async fn next(&mut self) -> Request {
        self.requests.recv().await.unwrap()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, mut statuses: Vec<u16>, requests: mpsc::UnboundedSender<Request>) {
    let mut silent = Vec::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await;
        let _ = requests.send(request);
        let Some(status) = (if statuses.len() > 1 { Some(statuses.remove(0)) } else { statuses.first().copied() })
        else {
            silent.push(stream);
            continue;
        };
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nretry-after: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

async fn read(stream: &mut TcpStream) -> Request {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request is whole");
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let pair = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers: Vec<_> = text.lines().skip(1).filter_map(pair).collect();
    let path = text.split(' ').nth(1).unwrap().to_owned();
    let mut request = Request { path, headers, body: bytes.split_off(head) };
    let length: usize = request.header("content-length").unwrap().parse().unwrap();
    while request.body.len() < length {
        assert_ne!(stream.read_buf(&mut request.body).await.unwrap(), 0, "the body is whole");
    }
    request
}
