//! HTTP as the tests need it: one connection for each request, every byte of the answer visible.

use super::check::within;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// One request that is about to be sent.
pub(crate) struct Http {
    method: Method,
    address: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Http {
    /// A request to `url`, which is `http://host:port/path`.
    pub(crate) fn new(method: &str, url: &str) -> Self {
        let rest = url.strip_prefix("http://").expect("the address begins with http://");
        let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let path = if path.is_empty() { "/" } else { path };
        Self {
            method: method.parse().expect("a method of HTTP"),
            address: address.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a header out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request and reads the whole answer.
    pub(crate) async fn send(self) -> Answer {
        let what = format!("the whole answer to {} {}", self.method, self.path);
        within(&what, async { self.open().await.finish().await }).await
    }

    /// Sends the request and reads the head of the answer.
    pub(crate) async fn open(self) -> Stream {
        let what = format!("the head of the answer to {} {}", self.method, self.path);
        match within(&what, self.try_open()).await {
            Ok(stream) => stream,
            Err(problem) => panic!("no answer: {problem}"),
        }
    }

    /// As [`Http::open`], for a server that may not be there.
    pub(crate) async fn try_open(self) -> Result<Stream, String> {
        let socket = TcpStream::connect(&self.address).await.map_err(|error| format!("{}: {error}", self.address))?;
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .handshake(TokioIo::new(socket))
            .await
            .map_err(|error| error.to_string())?;
        let connection = Connection(tokio::spawn(async move {
            let _ = connection.await;
        }));
        let mut request = Request::builder().method(self.method).uri(&self.path);
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request = request.header("host", &self.address);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(self.body)).expect("the test makes a valid request");
        let response = sender.send_request(request).await.map_err(|error| format!("{error:?}"))?;
        Ok(Stream::new(response, connection))
    }
}

/// A connection that is closed when it is dropped.
struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An answer whose body is still coming. Dropping it closes the connection.
pub(crate) struct Stream {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    buffer: BytesMut,
    /// How much of the buffer is known to hold no end of an event, so that a long event is not searched twice.
    searched: usize,
    _connection: Connection,
}

impl Stream {
    fn new(response: Response<Incoming>, connection: Connection) -> Self {
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status.as_u16(), parts.headers);
        Self { status, headers, body, buffer: BytesMut::new(), searched: 0, _connection: connection }
    }

    pub(crate) fn is_event_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The data of the next event, without comments and empty events; nothing at the end.
    pub(crate) async fn next_data(&mut self) -> Option<String> {
        loop {
            while let Some(event) = self.take_event() {
                let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
                let data: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
                if !data.concat().is_empty() {
                    return Some(data.join("\n"));
                }
            }
            if !self.read_more().await {
                return None;
            }
        }
    }

    /// The next event as a message.
    pub(crate) async fn next_message(&mut self, what: &str) -> Value {
        let Some(data) = within(what, self.next_data()).await else { panic!("the stream ended before: {what}") };
        serde_json::from_str(&data).unwrap_or_else(|error| panic!("an event is not JSON ({error}): {data}"))
    }

    /// The next message with this method; others are passed over.
    pub(crate) async fn next_notification(&mut self, method: &str) -> Value {
        within(&format!("the notification {method}"), async {
            loop {
                let message = self.next_message(method).await;
                if message["method"] == method {
                    return message;
                }
            }
        })
        .await
    }

    /// The next event as it came, also a comment or one without data; nothing at the end.
    pub(crate) async fn next_event(&mut self) -> Option<String> {
        loop {
            if let Some(event) = self.take_event() {
                return Some(event);
            }
            if !self.read_more().await {
                return None;
            }
        }
    }

    fn take_event(&mut self) -> Option<String> {
        let end_at = |at: usize| match &self.buffer[at..] {
            [b'\n', b'\n', ..] => Some(at + 2),
            [b'\r', b'\n', b'\r', b'\n', ..] => Some(at + 4),
            _ => None,
        };
        let Some(end) = (self.searched..self.buffer.len()).find_map(end_at) else {
            self.searched = self.buffer.len().saturating_sub(3);
            return None;
        };
        self.searched = 0;
        let event = self.buffer.split_to(end);
        Some(String::from_utf8(event.to_vec()).expect("an event stream is UTF-8"))
    }

    async fn read_more(&mut self) -> bool {
        while let Some(frame) = self.body.frame().await {
            let Ok(frame) = frame else { return false };
            if let Ok(data) = frame.into_data() {
                self.buffer.extend_from_slice(&data);
                return true;
            }
        }
        false
    }

    /// Reads until `text` is there, which stays for whoever reads on.
    pub(crate) async fn wait_for(&mut self, text: &str) {
        let found = |buffer: &BytesMut| buffer.windows(text.len()).any(|part| part == text.as_bytes());
        within(text, async {
            while !found(&self.buffer) {
                let seen = String::from_utf8_lossy(&self.buffer).into_owned();
                assert!(self.read_more().await, "the answer ended before {text:?}: {seen}");
            }
        })
        .await;
    }

    /// Reads the rest, and says whether the body came to its end: one may also be cut off.
    pub(crate) async fn ends_whole(mut self) -> bool {
        within("the body ends", async {
            while let Some(frame) = self.body.frame().await {
                if frame.is_err() {
                    return false;
                }
            }
            true
        })
        .await
    }

    /// Reads the rest.
    pub(crate) async fn finish(mut self) -> Answer {
        while self.read_more().await {}
        Answer { status: self.status, headers: self.headers, body: self.buffer.freeze() }
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}), status {}: {}", self.status, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
