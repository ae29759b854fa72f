//! HTTP byte by byte, for requests that no proper client sends.

use super::check::within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came of a request that was sent piece by piece.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    /// What the server wrote before it closed the connection, or the beginning of it.
    pub(crate) text: String,
    /// How many bytes it took.
    pub(crate) sent: usize,
}

impl RawAnswer {
    /// The status; nothing when the connection was closed without an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        self.text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }
}

/// Sends `head` and then `piece` again and again, until the server answers, closes the connection or has taken `most`
/// bytes; then reads what it wrote.
pub(crate) async fn pour(address: &str, head: &str, piece: &[u8], most: usize) -> RawAnswer {
    let mut socket = within("a connection", TcpStream::connect(address)).await.expect("the hub takes connections");
    let mut sent = head.len();
    let _ = within("the head is taken", socket.write_all(head.as_bytes())).await;
    let (mut reader, mut writer) = socket.split();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !piece.is_empty() && sent < most {
        tokio::select! {
            biased;
            read = reader.read(&mut buffer) => {
                answer.extend_from_slice(&buffer[..read.unwrap_or(0)]);
                break;
            }
            written = writer.write(piece) => match written {
                Ok(length) => sent += length,
                Err(_) => break,
            },
        }
    }
    let what = format!("the server answers or closes the connection after {sent} bytes");
    within(&what, read_answer(&mut reader, &mut answer)).await;
    RawAnswer { text: String::from_utf8_lossy(&answer).into_owned(), sent }
}

/// Sends `text` and reads the answer.
pub(crate) async fn say_raw(address: &str, text: &str) -> RawAnswer {
    pour(address, text, &[], 0).await
}

/// Reads up to the end, or to the end of a body whose length was told: the connection may stay open.
async fn read_answer(reader: &mut (impl tokio::io::AsyncRead + Unpin), answer: &mut Vec<u8>) {
    let mut buffer = [0; 4096];
    while !is_whole(answer) {
        match reader.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(length) => answer.extend_from_slice(&buffer[..length]),
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}
