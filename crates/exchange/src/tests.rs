use super::content::Content;
use super::head::Outgoing;
use super::{Broken, Connection};
use bytes::Bytes;
use http::Request;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex, join, sink};

fn pair() -> (Connection<DuplexStream>, DuplexStream) {
    let (near, far) = duplex(64);
    (Connection::new(near), far)
}

fn request(body: &'static str) -> Outgoing {
    Request::post("/v1").body(Content::from(Bytes::from(body))).unwrap().into()
}

/// Reads the body whole.
async fn body(connection: &mut Connection<DuplexStream>) -> Result<String, Broken> {
    let body = connection.whole(1 << 20).await?.unwrap();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

/// Answers one request of `length` bytes with `answer`, and gives the connection back.
async fn answer(mut far: DuplexStream, length: usize, answer: &'static str) -> DuplexStream {
    let mut request = vec![0; length];
    far.read_exact(&mut request).await.unwrap();
    far.write_all(answer.as_bytes()).await.unwrap();
    far
}

const HEAD: usize = "POST /v1 HTTP/1.1\r\ncontent-length: 2\r\n\r\n".len();

#[tokio::test]
async fn one_exchange_follows_another() {
    let (mut near, mut far) = pair();
    let whole =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    for _ in 0..3 {
        let asked = request("{}");
        let near = &mut near;
        let asking = async move {
            assert_eq!(near.send(&asked).await.unwrap().status, 200);
            assert_eq!(body(near).await.unwrap(), "hi");
            assert!(near.is_free());
        };
        (_, far) = tokio::join!(asking, answer(far, HEAD + 2, whole));
    }
    far.write_all(b"HTTP").await.unwrap();
    assert!(!near.is_free(), "what nobody asked for came");
}

#[tokio::test]
async fn a_connection_that_is_closed_is_used_no_more() {
    let (mut near, far) = pair();
    assert!(near.is_free());
    drop(far);
    assert!(!near.is_free());
    assert!(matches!(near.send(&request("{}")).await, Err(Broken::Unanswered | Broken::Failed(_))));
}

#[tokio::test]
async fn how_a_connection_ends_is_told() {
    for (text, expected) in [
        ("", "it was closed before an answer came"),
        ("HTTP/1.1 103 Early Hints\r\n\r\n", "it was closed before the end"),
        ("HTTP/1.1 200", "it was closed before the end"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort", "it was closed before the end"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n", "it was closed before the end"),
        ("HTTP/1.1 101 Switching\r\n\r\n", "what came is no HTTP/1.1: too many answers that are none yet"),
        (
            "HTTP/1.1 200 OK\nx: y\r\n\r\n",
            "what came is no HTTP/1.1: a line of the head ends without a carriage return",
        ),
    ] {
        let (mut near, far) = pair();
        let asked = request("{}");
        let asking = async {
            let head = near.send(&asked).await;
            match head {
                Ok(_) => body(&mut near).await.map(|_| ()),
                Err(error) => Err(error),
            }
        };
        let answering = async { drop(answer(far, HEAD + 2, text).await) };
        let (outcome, ()) = tokio::join!(asking, answering);
        assert_eq!(outcome.unwrap_err().to_string(), expected, "{text}");
        assert!(!near.is_free(), "{text}");
    }
}

#[tokio::test]
async fn a_body_may_end_with_the_connection() {
    let (mut near, far) = pair();
    let asked = request("{}");
    let asking = async {
        near.send(&asked).await.unwrap();
        body(&mut near).await.unwrap()
    };
    let answering = async { drop(answer(far, HEAD + 2, "HTTP/1.1 200 OK\r\n\r\nall of it").await) };
    let (text, ()) = tokio::join!(asking, answering);
    assert_eq!(text, "all of it");
    assert!(!near.is_free());
}

#[tokio::test]
async fn an_answer_before_the_request_has_gone_out_is_read_and_the_connection_not_used_again() {
    let (mut near, far) = pair();
    let long: &'static str = "x".repeat(1000).leak();
    let asked = request(long);
    let asking = async {
        let head = near.send(&asked).await.unwrap();
        assert_eq!(head.status, 413);
        assert_eq!(body(&mut near).await.unwrap(), "no");
    };
    let ((), _far) = tokio::join!(asking, answer(far, 10, "HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno"));
    assert!(!near.is_free());
}

#[tokio::test]
async fn a_body_above_the_limit_is_read_no_further() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nabc",
    ] {
        for limit in [2, 3] {
            let (mut near, far) = pair();
            let asked = request("{}");
            let asking = async {
                near.send(&asked).await.unwrap();
                near.whole(limit).await.unwrap()
            };
            let answering = async { drop(answer(far, HEAD + 2, text).await) };
            let (body, ()) = tokio::join!(asking, answering);
            assert_eq!(body.as_deref(), Some(&b"abc"[..]).filter(|_| limit == 3), "{text}, {limit}");
        }
    }
}

/// Gives what it has, and then an error.
struct Failing(&'static [u8], ErrorKind);

impl AsyncRead for Failing {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Ready(Err(self.1.into()));
        }
        room.put_slice(std::mem::take(&mut self.0));
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_connection_that_was_reset_before_an_answer_has_given_none() {
    use ErrorKind::{BrokenPipe, ConnectionReset, TimedOut};
    let hints = "HTTP/1.1 103 Early Hints\r\n\r\n";
    for (text, kind, unanswered) in [
        ("", ConnectionReset, true),
        ("", BrokenPipe, true),
        ("", TimedOut, false),
        ("HTTP/1.1 2", ConnectionReset, false),
        (hints, ConnectionReset, false),
    ] {
        let mut near = Connection::new(join(Failing(text.as_bytes(), kind), sink()));
        let broken = near.send(&request("{}")).await.unwrap_err();
        assert_eq!(matches!(broken, Broken::Unanswered), unanswered, "{text} {kind}: {broken}");
    }
}
