//! A connection that brings no more than was to be expected.

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes that may come since something was sent. Whoever can write to the Redis says how large its answers are,
/// and they are kept in memory until they are there as a whole.
const LARGEST: usize = 64 << 20;

/// A stream that fails where the other end sends more than [`LARGEST`] without being asked again.
pub(super) struct Limited<S> {
    stream: S,
    left: usize,
}

impl<S> Limited<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, left: LARGEST }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Limited<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        match self.left.checked_sub(buffer.filled().len() - before) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(Error::new(ErrorKind::InvalidData, "an answer is larger than the limit"))),
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Limited<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.left = LARGEST;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn what_comes_unasked_has_a_limit_and_what_is_asked_for_begins_anew() {
        let mut stream = Limited { stream: far_end(b"0123456789").await, left: 4 };
        let mut four = [0; 4];
        stream.read_exact(&mut four).await.expect("so much may come");
        stream.write_all(b"more").await.expect("it is taken");
        stream.read_exact(&mut four).await.expect("it was asked for");
        stream.left = 1;
        let error = stream.read_exact(&mut [0; 2]).await.expect_err("it is too much");
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }

    async fn far_end(bytes: &[u8]) -> tokio::io::DuplexStream {
        let (near, mut far) = tokio::io::duplex(64);
        far.write_all(bytes).await.expect("it is taken");
        // The end is kept for as long as the test, for what is written needs a reader.
        base::task::spawn("far end", async move {
            let _ = far.read(&mut [0; 64]).await;
            std::future::pending::<()>().await;
        });
        near
    }
}
