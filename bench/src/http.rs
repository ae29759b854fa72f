//! A keep-alive HTTP/1.1 client, by hand over one TCP connection.
//!
//! It shares two cores with the target that it measures, so it does only what the bench needs: POST and DELETE on
//! one path, and bodies with a length or in chunks. It reads every body to its last byte: a connection is free for
//! the next call only then, and a server that holds back the last chunk must not look fast.

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An `http://host:port/path` address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    authority: String,
    path: String,
}

impl Endpoint {
    pub fn parse(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("http://").with_context(|| format!("{url} is not a plain http:// URL"))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        ensure!(authority.contains(':'), "{url} names no port");
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { authority: authority.to_owned(), path: path.to_owned() })
    }
}

/// What a response says ahead of its body.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    pub event_stream: bool,
    pub session: Option<String>,
    framing: Framing,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Framing {
    Length(usize),
    Chunked,
}

pub struct Connection {
    stream: TcpStream,
    endpoint: Endpoint,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    /// How much of `incoming` has been used up.
    used: usize,
    body: Vec<u8>,
}

impl Connection {
    pub async fn open(endpoint: Endpoint) -> Result<Self> {
        let stream = TcpStream::connect(&endpoint.authority)
            .await
            .with_context(|| format!("cannot connect to {}", endpoint.authority))?;
        stream.set_nodelay(true).context("cannot set TCP_NODELAY")?;
        let (outgoing, incoming, body) = (Vec::new(), Vec::with_capacity(16 * 1024), Vec::new());
        Ok(Self { stream, endpoint, outgoing, incoming, used: 0, body })
    }

    /// Sends one request and reads the whole answer. `headers` are complete lines, each with its line end.
    pub async fn exchange(&mut self, method: &str, headers: &str, body: &str) -> Result<Head> {
        self.outgoing.clear();
        ensure!(self.used == self.incoming.len(), "the target sent something that nobody asked for");
        self.incoming.clear();
        self.used = 0;
        let Endpoint { authority, path } = &self.endpoint;
        let length = body.len().to_string();
        let parts =
            [method, " ", path, " HTTP/1.1\r\nHost: ", authority, "\r\nContent-Length: ", &length, "\r\n", headers];
        parts.iter().for_each(|part| self.outgoing.extend_from_slice(part.as_bytes()));
        self.outgoing.extend_from_slice(b"\r\n");
        self.outgoing.extend_from_slice(body.as_bytes());
        // One write, so that the target is woken once.
        self.stream.write_all(&self.outgoing).await.context("cannot send the request")?;
        self.read_response().await
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    async fn read_response(&mut self) -> Result<Head> {
        self.body.clear();
        let end = self.find(b"\r\n\r\n").await?;
        let head = parse_head(&self.incoming[..end])?;
        self.used = end + 4;
        match head.framing {
            Framing::Length(length) => self.take(length).await?,
            Framing::Chunked => while self.take_chunk().await? {},
        }
        Ok(head)
    }

    /// Moves one chunk into the body; `false` at the last one.
    async fn take_chunk(&mut self) -> Result<bool> {
        let end = self.find(b"\r\n").await?;
        let size = parse_chunk_size(&self.incoming[self.used..end])?;
        self.used = end + 2;
        self.take(size).await?;
        let end = self.find(b"\r\n").await?;
        ensure!(end == self.used, "a chunk is longer than it said, or has trailers");
        self.used = end + 2;
        Ok(size > 0)
    }

    async fn take(&mut self, length: usize) -> Result<()> {
        while self.incoming.len() - self.used < length {
            self.fill().await?;
        }
        self.body.extend_from_slice(&self.incoming[self.used..self.used + length]);
        self.used += length;
        Ok(())
    }

    async fn find(&mut self, needle: &[u8]) -> Result<usize> {
        loop {
            if let Some(at) = memmem::find(&self.incoming[self.used..], needle) {
                return Ok(self.used + at);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.incoming).await.context("cannot read the answer")?;
        ensure!(read > 0, "the target closed the connection in the middle of an exchange");
        Ok(())
    }
}

fn parse_head(head: &[u8]) -> Result<Head> {
    let head = std::str::from_utf8(head).context("the response head is not text")?;
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status: u16 = status.with_context(|| format!("not an HTTP/1.1 status line: {first}"))?;
    let (mut event_stream, mut session, mut framing) = (false, None, None);
    for line in lines {
        let (name, value) = line.split_once(':').with_context(|| format!("not a header line: {line}"))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            framing = Some(Framing::Length(value.parse().context("Content-Length is not a number")?));
        } else if name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked") {
            framing = Some(Framing::Chunked);
        } else if name.eq_ignore_ascii_case("content-type") {
            event_stream = value.starts_with("text/event-stream");
        } else if name.eq_ignore_ascii_case("mcp-session-id") {
            session = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close") {
            bail!("the target does not keep connections alive (status {status})");
        }
    }
    // A 204 never has a body; any other answer without a length would end with the connection.
    let framing = framing.or((status == 204).then_some(Framing::Length(0)));
    let framing = framing.with_context(|| format!("a {status} answer has neither a length nor chunks"))?;
    Ok(Head { status, event_stream, session, framing })
}

fn parse_chunk_size(line: &[u8]) -> Result<usize> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    let text = std::str::from_utf8(digits).context("a chunk size is not text")?;
    usize::from_str_radix(text.trim(), 16).with_context(|| format!("not a chunk size: {text:?}"))
}

#[cfg(test)]
mod tests;
