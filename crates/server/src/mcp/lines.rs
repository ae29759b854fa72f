//! One message a line, in and out.

use super::peer::Peer;
use mcp::line::{Line, Splitter};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

/// Hands the lines of `input` to `peer` until there are no more. `limit` is the most bytes of one. The last one needs no
/// line feed: `printf` writes none.
pub(super) async fn read_all<I: AsyncRead + Unpin>(mut input: I, limit: usize, peer: &mut Peer) {
    let mut splitter = Splitter::new(limit);
    let mut buffer = vec![0; 64 << 10];
    let mut ended = false;
    while !ended {
        let Ok(count) = input.read(&mut buffer).await else { return };
        ended = count == 0;
        splitter.feed(if ended { b"\n" } else { &buffer[..count] });
        while let Some(line) = splitter.next_line() {
            match line {
                Line::Whole(bytes) if bytes.iter().all(u8::is_ascii_whitespace) => {}
                Line::Whole(bytes) => peer.take(bytes).await,
                Line::TooLong { length, .. } => peer.too_large(Some(length)).await,
            }
        }
    }
}

/// Writes one message a line. Line feeds within pretty-printed JSON are white space and become spaces.
pub(super) async fn write_all<O: AsyncWrite + Unpin>(mut messages: mpsc::Receiver<String>, mut output: O) {
    while let Some(message) = messages.recv().await {
        let line = message.replace(['\n', '\r'], " ") + "\n";
        if output.write_all(line.as_bytes()).await.is_err() || output.flush().await.is_err() {
            return;
        }
    }
}
