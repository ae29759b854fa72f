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

const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// A server that answers each connection with the next of `answers` and closes it. Gives the requests as they come.
async fn closing_server(answers: Vec<String>) -> (String, tokio::sync::mpsc::Receiver<String>) {
    let listener = base::network::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = tokio::sync::mpsc::channel(answers.len());
    base::task::spawn("test server", async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            sender.send(String::from_utf8_lossy(&buffer[..length]).into_owned()).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (format!("http://{address}/mcp"), receiver)
}

#[tokio::test]
async fn a_stream_that_ended_early_is_taken_up_where_it_ended() {
    let first = format!("{EVENTS}id: 7-1\nretry: 100\ndata: \n\n");
    let second = format!("{EVENTS}id: 7-2\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}}\n\n");
    let third = format!("{EVENTS}data: {{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{{}}}}\n\n");
    let (url, mut requests) = closing_server(vec![first, second, third]).await;
    let mut call = Link::call(&link(url), &Request { era: Era::Legacy, ..request() }).unwrap();
    assert!(matches!(call.next().await.unwrap(), Inbound::Note(_)));
    assert!(matches!(call.next().await.unwrap(), Inbound::Answer(_)));
    assert!(requests.recv().await.unwrap().starts_with("POST /mcp"));
    for last in ["7-1", "7-2"] {
        let request = requests.recv().await.unwrap().to_lowercase();
        assert!(
            request.starts_with("get /mcp") && request.contains(&format!("last-event-id: {last}\r\n")),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_stream_without_ids_or_of_a_modern_server_is_not_taken_up() {
    for (era, stream) in [(Era::Legacy, "retry: 1\ndata: \n\n"), (Era::Modern, "id: 1\nretry: 1\ndata: \n\n")] {
        let (url, _requests) = closing_server(vec![format!("{EVENTS}{stream}")]).await;
        let error = Link::call(&link(url), &Request { era, ..request() }).unwrap().next().await.unwrap_err();
        assert_eq!(error.code(), base::Code::UpstreamProtocol);
        assert!(error.message().contains("ended the stream of a call before its answer"), "{error}");
    }
}
