use crate::Era;
use crate::client::http::{Link, Options};
use crate::client::{Inbound, Request};
use crate::parameter::Headers;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;

/// A server that reads one request, waits to be told, and answers with `body`.
async fn server(answer: String, go: Arc<Notify>) -> String {
    let listener = base::network::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    base::task::spawn("test server", async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4096];
        let _ = stream.read(&mut buffer).await.unwrap();
        go.notified().await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        let _ = stream.read(&mut buffer).await;
    });
    format!("http://{address}/mcp")
}

fn link(url: String) -> Arc<Link> {
    Link::new(&Options { name: "u".to_owned(), url, headers: Vec::new(), message_limit: 1 << 20, account: None })
        .unwrap()
}

fn json_answer(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn request() -> Request<'static> {
    let headers = Headers::default();
    Request {
        id: 7,
        method: "tools/call",
        params: "{}",
        name: None,
        headers,
        era: Era::Modern,
        notes: true,
        client: None,
    }
}

#[tokio::test]
async fn a_wait_that_was_given_up_is_taken_up_again() {
    let go = Arc::new(Notify::new());
    let url = server(json_answer(r#"{"jsonrpc":"2.0","id":7,"result":{"a":1}}"#), Arc::clone(&go)).await;
    let mut call = Link::call(&link(url), &request()).unwrap();
    for _ in 0..3 {
        tokio::select! {
            biased;
            inbound = call.next() => panic!("nothing has been answered yet: {inbound:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    go.notify_one();
    let Inbound::Answer(message) = call.next().await.unwrap() else { panic!("an answer") };
    assert_eq!(message.body(), Some(r#"{"a":1}"#));
}

#[tokio::test]
async fn a41_the_answer_to_another_request_is_none() {
    let go = Arc::new(Notify::new());
    go.notify_one();
    let url = server(json_answer(r#"{"jsonrpc":"2.0","id":8,"result":{}}"#), go).await;
    let error = Link::call(&link(url), &request()).unwrap().next().await.unwrap_err();
    assert_eq!(error.code(), base::Code::UpstreamProtocol);
}
