use crate::Era;
use crate::client::http::{Link, Options};
use crate::client::{Inbound, Request};
use crate::parameter::Headers;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, mpsc};

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
    let options = Options { name: "u".to_owned(), url, headers: Vec::new(), message_limit: 1 << 20, account: None };
    Link::new(&options, Arc::default()).unwrap()
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
async fn closing_server(answers: Vec<String>) -> (String, mpsc::Receiver<String>) {
    let listener = base::network::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::channel(answers.len());
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
async fn a_stream_of_news_is_taken_up_where_it_ended() {
    let note =
        |id: &str| format!("{EVENTS}id: {id}\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}}\n\n");
    let first = format!("{EVENTS}id: n-0\nretry: 100\ndata: \n\n");
    let refused = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned();
    let (url, mut requests) = closing_server(vec![first, note("n-1"), note("n-2"), refused]).await;
    let mut call = Link::listen(&link(url)).await.unwrap().expect("the server has such a stream");
    assert_eq!(call.rest(), None);
    for _ in 0..2 {
        assert!(matches!(call.next().await.unwrap(), Inbound::Note(_)));
    }
    assert!(call.next().await.is_err(), "a server that does not take it up again is asked anew by whoever wants news");
    assert_eq!(call.rest(), Some(std::time::Duration::from_millis(100)), "after the time that it wants");
    for last in [None, Some("n-0"), Some("n-1"), Some("n-2")] {
        let request = requests.recv().await.unwrap().to_lowercase();
        assert!(request.starts_with("get /mcp"), "{request}");
        let named = request.lines().find_map(|line| line.strip_prefix("last-event-id: "));
        assert_eq!(named, last, "{request}");
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

/// A server that keeps its stream for what belongs to no request open, sends `messages` on it, and takes all else. Gives
/// the bodies of what it takes.
async fn asking_server(messages: mpsc::Receiver<&'static str>) -> (String, mpsc::Receiver<String>) {
    let listener = base::network::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::channel(16);
    let mut messages = Some(messages);
    base::task::spawn("test server", async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if request.starts_with("GET") {
                let mut messages = messages.take().expect("the stream is asked for once");
                stream.write_all(EVENTS.as_bytes()).await.unwrap();
                base::task::spawn("test stream", async move {
                    while let Some(message) = messages.recv().await {
                        stream.write_all(format!("data: {message}\n\n").as_bytes()).await.unwrap();
                    }
                });
            } else if request.contains("tools/call") {
                base::task::spawn("test call", async move {
                    // Answered never: until the other end is gone.
                    let _ = stream.read(&mut buffer).await;
                });
            } else {
                let body = request.split_once("\r\n\r\n").unwrap().1.to_owned();
                stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await.unwrap();
                sender.send(body).await.unwrap();
            }
        }
    });
    (format!("http://{address}/mcp"), receiver)
}

const ROOTS: &str = r#"{"jsonrpc":"2.0","id":"a","method":"roots/list"}"#;

#[tokio::test]
async fn h11_a_question_without_a_call_goes_to_the_only_client() {
    let (events, messages) = mpsc::channel(4);
    let (url, mut taken) = asking_server(messages).await;
    let link = link(url);
    let mut stream = Link::listen(&link).await.unwrap().unwrap();
    base::task::spawn("test news", async move { while stream.next().await.is_ok() {} });
    let call = |id, client| Request { id, client: Some(client), era: Era::Legacy, ..request() };
    // Nobody is there: no folders.
    events.send(ROOTS).await.unwrap();
    assert!(taken.recv().await.unwrap().contains(r#""roots":[]"#));
    // One client, with two calls.
    let mut first = Link::call(&link, &call(7, 1)).unwrap();
    let mut second = Link::call(&link, &call(8, 1)).unwrap();
    events.send(ROOTS).await.unwrap();
    let inbound = tokio::select! {
        inbound = first.next() => panic!("the newest is asked: {inbound:?}"),
        inbound = second.next() => inbound.unwrap(),
    };
    assert!(matches!(inbound, Inbound::Ask(_)), "{inbound:?}");
    // What was asked is withdrawn where it was asked.
    let withdrawal = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}"#;
    events.send(withdrawal).await.unwrap();
    let inbound = second.next().await.unwrap();
    assert!(matches!(inbound, Inbound::Note(_)), "{inbound:?}");
    // Two clients: neither is asked.
    let other = Link::call(&link, &call(9, 2)).unwrap();
    events.send(ROOTS).await.unwrap();
    assert!(taken.recv().await.unwrap().contains("-32603"));
    drop(other);
    // It is over as soon as nobody waits for it.
    events.send(ROOTS).await.unwrap();
    assert!(matches!(second.next().await.unwrap(), Inbound::Ask(_)));
    second.reply("\"a\"", r#"{"jsonrpc":"2.0","id":"a","result":{"roots":[]}}"#.to_owned());
    assert!(taken.recv().await.unwrap().contains(r#""id":"a""#));
    // A ping is nobody's.
    events.send(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).await.unwrap();
    assert!(taken.recv().await.unwrap().contains(r#""result":{}"#));
}
