use super::{Broken, Connection};
use bytes::Bytes;
use http::Request;
use std::future::poll_fn;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

fn pair() -> (Connection<DuplexStream>, DuplexStream) {
    let (near, far) = duplex(64);
    (Connection::new(near), far)
}

fn request(body: &'static str) -> Request<Bytes> {
    Request::post("/v1").body(Bytes::from(body)).unwrap()
}

/// Reads the body whole.
async fn body(connection: &mut Connection<DuplexStream>) -> Result<String, Broken> {
    let mut all = Vec::new();
    loop {
        let more = poll_fn(|context| connection.poll_piece(context, &mut |piece| all.extend_from_slice(piece)));
        if !more.await? {
            return Ok(String::from_utf8(all).unwrap());
        }
    }
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
