//! WebSocket frames from either end: cut anywhere they say the same, and no message is beyond the limit.

use super::input;
use bytes::Bytes;
use mcp::websocket::{Arrived, End, Ended, open};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A message beyond this ends the connection.
const LIMIT: usize = 256;

/// More frames than this are not read: what they say is known by then.
const MOST: usize = 4096;

pub(crate) fn feed(data: &[u8]) {
    let (seed, data) = input::choice(data);
    let end = if seed & 1 == 0 { End::Client } else { End::Server };
    let whole = read(end, Bytes::new(), vec![data.to_vec()]);
    let pieces = input::pieces(data, seed).into_iter().map(<[u8]>::to_vec).collect();
    assert_eq!(whole, read(end, Bytes::new(), pieces), "cut elsewhere");
    let (early, late) = data.split_at(seed.min(data.len()));
    assert_eq!(whole, read(end, Bytes::copy_from_slice(early), vec![late.to_vec()]), "read with the handshake");
}

fn read(end: End, early: Bytes, pieces: Vec<Vec<u8>>) -> Vec<Result<Arrived, Ended>> {
    input::at_once(async {
        let (_sender, mut receiver) = open(Pipe(pieces.into()), early, end, LIMIT).await;
        let mut all = Vec::new();
        while all.len() < MOST {
            let next = receiver.next().await;
            if let Ok(Arrived::Text(text)) = &next {
                assert!(text.len() <= LIMIT, "a message beyond the limit");
            }
            let ended = next.is_err();
            all.push(next);
            if ended {
                break;
            }
        }
        all
    })
}

/// A connection that gives these pieces and takes everything.
struct Pipe(VecDeque<Vec<u8>>);

impl AsyncRead for Pipe {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let Some(mut piece) = self.0.pop_front() else { return Poll::Ready(Ok(())) };
        if piece.len() > out.remaining() {
            self.0.push_front(piece.split_off(out.remaining()));
        }
        out.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
