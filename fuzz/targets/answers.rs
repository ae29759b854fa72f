//! What a server at an address answers to a call: JSON or a stream of events, whatever its status and headers are, over
//! a real connection. Held against the readers of messages and events by themselves.

use super::input;
use mcp::client::http::{Link, Options};
use mcp::client::{Inbound, Request};
use mcp::message::Kind;
use mcp::parameter::Headers;
use mcp::sse::Decoder;
use mcp::{Era, Message};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// The most bytes of a message.
const LIMIT: usize = 2048;

const STATUSES: [&str; 8] = [
    "200 OK",
    "202 Accepted",
    "400 Bad Request",
    "401 Unauthorized",
    "404 Not Found",
    "429 Too Many Requests",
    "500 Internal Server Error",
    "301 Moved Permanently",
];

const TYPES: [&str; 3] = ["application/json", "text/event-stream", "text/event-stream; charset=utf-8"];

pub(crate) fn feed(data: &[u8]) {
    let (chosen, data) = input::choice(data);
    let (status, kind) = (STATUSES[chosen % STATUSES.len()], TYPES[chosen / STATUSES.len() % TYPES.len()]);
    let whole = chosen >= 192;
    let answer = if whole {
        data.to_vec()
    } else {
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
        [head.as_bytes(), data].concat()
    };
    let (got, answered) = input::in_runtime(talk(&answer));
    for message in &got {
        assert!(message.len() <= LIMIT * 2, "a message beyond the limit");
    }
    if !whole && status == "200 OK" {
        let expected = if kind == TYPES[0] { plain(data) } else { events(data) };
        assert_eq!((got, answered), expected, "what was read");
    }
}

/// The messages that came, and whether the last of them is the answer.
async fn talk(answer: &[u8]) -> (Vec<String>, bool) {
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let Ok(listener) = base::network::listen(here).await else { panic!("nothing to listen at") };
    let port = listener.local_addr().map(|address| address.port()).unwrap_or_default();
    let options = Options {
        name: "peer".to_owned(),
        url: format!("http://127.0.0.1:{port}/mcp"),
        headers: Vec::new(),
        message_limit: LIMIT,
        account: None,
    };
    let Ok(link) = Link::new(&options, Arc::default()) else { panic!("no link") };
    let request = Request {
        id: link.next_id(),
        method: "tools/call",
        params: "{}",
        name: Some("x"),
        headers: Headers::default(),
        era: Era::Modern,
        notes: true,
        client: Some(1),
    };
    let Ok(mut call) = Link::call(&link, &request) else { panic!("no call") };
    let mut got = Vec::new();
    let reading = async {
        loop {
            match call.next().await {
                Ok(Inbound::Answer(message)) => {
                    assert!(matches!(message.kind(), Kind::Result | Kind::Error), "no answer");
                    assert!(message.number_id() == Some(1) || message.kind() == &Kind::Error, "somebody else's answer");
                    got.push(message.source().to_owned());
                    return true;
                }
                Ok(Inbound::Note(message) | Inbound::Ask(message)) => got.push(message.source().to_owned()),
                Err(error) => {
                    assert!(!error.message().contains(|character: char| character.is_control()), "{error:?}");
                    return false;
                }
            }
        }
    };
    let answered = tokio::select! {
        answered = reading => answered,
        () = serve(&listener, answer) => unreachable!("the server does not end"),
    };
    (got, answered)
}

async fn serve(listener: &TcpListener, answer: &[u8]) {
    let mut open = Vec::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let (mut head, mut piece) = (Vec::new(), [0; 1024]);
        while !head.ends_with(b"}") {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(count) => head.extend_from_slice(&piece[..count]),
            }
        }
        let _ = stream.write_all(answer).await;
        let _ = stream.shutdown().await;
        open.push(stream);
    }
    std::future::pending::<()>().await;
}

fn is_answer(message: &Message) -> bool {
    let nameless = message.kind() == &Kind::Error && matches!(message.id(), None | Some("null"));
    nameless || message.number_id() == Some(1)
}

fn plain(data: &[u8]) -> (Vec<String>, bool) {
    let message = Message::from_bytes(data.to_vec()).ok().filter(|_| data.len() <= LIMIT);
    let message = message.filter(|message| matches!(message.kind(), Kind::Result | Kind::Error) && is_answer(message));
    message.map_or((Vec::new(), false), |message| (vec![message.source().to_owned()], true))
}

fn events(data: &[u8]) -> (Vec<String>, bool) {
    let mut decoder = Decoder::new(LIMIT);
    decoder.feed(data);
    let mut got = Vec::new();
    while let Ok(Some(event)) = decoder.next_event() {
        if event.data.is_empty() || !matches!(event.name.as_str(), "" | "message") {
            continue;
        }
        let Ok(message) = Message::parse(event.data) else { return (got, false) };
        match message.kind() {
            Kind::Result | Kind::Error if is_answer(&message) => {
                got.push(message.source().to_owned());
                return (got, true);
            }
            Kind::Result | Kind::Error | Kind::Request(mcp::Method::Ping) => {}
            _ => got.push(message.source().to_owned()),
        }
    }
    (got, false)
}
