use super::open;
use crate::client::address::Options;
use crate::client::shared::{self, Link};
use crate::client::{Request, tail::Tail};
use crate::parameter::Headers;
use crate::{Era, Method};
use base::{Code, task};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

fn request(id: u64) -> Request<'static> {
    Request {
        id,
        method: "tools/call",
        params: "{}",
        name: None,
        era: Era::Legacy,
        notes: true,
        client: None,
        headers: Headers::default(),
    }
}

/// One request as it came: its whole text, and the connection to answer on.
async fn taken(listener: &TcpListener) -> (String, TcpStream) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let text = read(&mut stream).await;
    (text, stream)
}

async fn read(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        text.extend_from_slice(&buffer[..count]);
        let whole = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = whole.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if count == 0 || body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
            return whole;
        }
    }
}

const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
const ACCEPTED: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";

/// A link whose stream of events is open, the listener for its messages, and the stream.
async fn link() -> (Arc<Link>, TcpListener, TcpStream) {
    let listener = base::network::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let url = format!("http://{}/sse", listener.local_addr().unwrap());
    let options = Options { name: "u".to_owned(), url, headers: Vec::new(), message_limit: 1000, account: None };
    let (notices, _) = mpsc::channel(8);
    let opening = task::spawn_light(async move { open(&options, Arc::new(Tail::default()), notices).await });
    let (get, mut stream) = taken(&listener).await;
    assert!(get.starts_with("GET /sse HTTP/1.1\r\n") && get.contains("accept: text/event-stream"), "{get}");
    let first = format!("{EVENTS}: hello\n\nevent: other\ndata: x\n\nevent: endpoint\ndata: /messages?s=1\n\n");
    stream.write_all(first.as_bytes()).await.unwrap();
    (opening.await.unwrap().unwrap(), listener, stream)
}

#[tokio::test]
async fn notifications_keep_their_place() {
    let (link, listener, _stream) = link().await;
    link.notify(Method::Initialized.name(), None).unwrap();
    let _call = shared::Link::call(&link, &request(1)).unwrap();
    let (first, mut connection) = taken(&listener).await;
    assert!(first.starts_with("POST /messages?s=1 HTTP/1.1\r\n") && first.contains("initialized"), "{first}");
    // On the same connection, which is free only when the notification was taken.
    connection.write_all(ACCEPTED).await.unwrap();
    let second = read(&mut connection).await;
    assert!(second.contains("tools/call"), "{second}");
}

#[tokio::test]
async fn requests_go_side_by_side() {
    let (link, listener, mut stream) = link().await;
    let calls = [1, 2, 3].map(|id| shared::Link::call(&link, &request(id)).unwrap());
    let mut connections = Vec::new();
    for _ in 0..3 {
        // Nobody has answered the ones before.
        connections.push(taken(&listener).await);
    }
    for id in [3, 1, 2] {
        let event = format!("data: {{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}\n\n");
        stream.write_all(event.as_bytes()).await.unwrap();
    }
    for mut call in calls {
        call.next().await.unwrap();
    }
}

#[tokio::test]
async fn refused_messages_end_what_they_concern() {
    for (status, own, others) in [
        ("413 Payload Too Large", Code::UpstreamProtocol, None),
        ("429 Too Many Requests", Code::UpstreamBusy, None),
        ("404 Not Found", Code::UpstreamSessionLost, Some(Code::UpstreamExited)),
        ("401 Unauthorized", Code::UpstreamRefused, Some(Code::UpstreamExited)),
    ] {
        let (link, listener, mut stream) = link().await;
        let mut other = shared::Link::call(&link, &request(1)).unwrap();
        let (_, mut connection) = taken(&listener).await;
        let mut call = shared::Link::call(&link, &request(2)).unwrap();
        let (_, mut second) = taken(&listener).await;
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        second.write_all(answer.as_bytes()).await.unwrap();
        assert_eq!(call.next().await.unwrap_err().code(), own, "{status}");
        connection.write_all(ACCEPTED).await.unwrap();
        let _ = stream.write_all(b"data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n").await;
        assert_eq!(other.next().await.err().map(|error| error.code()), others, "{status}");
    }
}

#[tokio::test]
async fn the_end_of_the_stream_ends_the_connection() {
    for (said, code, text) in [
        (String::new(), Code::UpstreamExited, "was closed by the other end"),
        (format!("data: {}\n\n", "x".repeat(3000)), Code::UpstreamAnswerTooLarge, "limit of 1000 bytes"),
    ] {
        let (link, _listener, mut stream) = link().await;
        stream.write_all(said.as_bytes()).await.unwrap();
        drop(stream);
        let error = link.ended().await;
        assert_eq!(error.code(), code);
        assert!(error.message().contains(text), "{}", error.message());
    }
}

#[tokio::test]
async fn what_is_no_such_stream_is_told() {
    for (answer, said) in [
        ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}", "no stream of events"),
        ("HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n", "405"),
        ("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 0\r\n\r\n", "before it said where"),
    ] {
        let listener = base::network::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let url = format!("http://{}/sse", listener.local_addr().unwrap());
        let options = Options { name: "u".to_owned(), url, headers: Vec::new(), message_limit: 1000, account: None };
        let (notices, _) = mpsc::channel(8);
        let opening = task::spawn_light(async move { open(&options, Arc::new(Tail::default()), notices).await });
        let (_, mut stream) = taken(&listener).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        let error = opening.await.unwrap().err().unwrap();
        assert!(error.message().contains(said), "{}", error.message());
    }
}
