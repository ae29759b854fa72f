use super::serve;
use crate::client::address::{Address, Options, WEB_SOCKET};
use crate::client::shared::{self, Link};
use crate::client::{Inbound, Request, tail::Tail};
use crate::parameter::Headers;
use crate::websocket::{Arrived, End, Ended, Receiver, Sender, close, open};
use crate::{Era, Message};
use base::Code;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

fn request() -> Request<'static> {
    let headers = Headers::default();
    Request {
        id: 1,
        method: "tools/call",
        params: "{}",
        name: None,
        headers,
        era: Era::Legacy,
        notes: true,
        client: None,
    }
}

type Far = (Sender<DuplexStream>, Receiver<DuplexStream>);

/// A link, the other end of its connection, and what arrives for nobody.
async fn link() -> (Arc<Link>, Far, mpsc::Receiver<Message>) {
    let url = "ws://localhost/ws".to_owned();
    let options = Options { name: "u".to_owned(), url, headers: Vec::new(), message_limit: 1000, account: None };
    let address = Address::parse(&options, WEB_SOCKET).unwrap();
    let (near, far) = tokio::io::duplex(1 << 16);
    let (notices, inbox) = mpsc::channel(8);
    let halves = open(near, Bytes::new(), End::Client, 1000).await;
    let link = serve(address, halves, Arc::new(Tail::default()), notices);
    (link, open(far, Bytes::new(), End::Server, 1 << 20).await, inbox)
}

/// Passes over pings.
async fn next(far: &mut Far) -> Result<Arrived, Ended> {
    loop {
        match far.1.next().await {
            Ok(Arrived::Alive) => {}
            other => return other,
        }
    }
}

#[tokio::test]
async fn close_codes_become_clear_errors() {
    for (code, reason, said) in [
        (close::AWAY, "", "was closed by the other end with code 1001 (it stops)"),
        (1011, "disk\u{7} full", "with code 1011 (a fault of its own): disk full"),
        (4001, "mine", "with code 4001: mine"),
    ] {
        let (link, mut far, _inbox) = link().await;
        let mut call = shared::Link::call(&link, &request()).unwrap();
        far.0.close(code, reason).await.unwrap();
        let error = call.next().await.unwrap_err();
        assert_eq!(error.code(), Code::UpstreamExited);
        assert!(error.message().ends_with(said), "{}", error.message());
        assert_eq!(shared::Link::call(&link, &request()).err().map(|error| error.code()), Some(Code::UpstreamExited));
    }
}

#[tokio::test]
async fn a40_a_large_message_ends_the_connection_with_its_code() {
    let (link, mut far, _inbox) = link().await;
    let mut call = shared::Link::call(&link, &request()).unwrap();
    assert!(matches!(next(&mut far).await, Ok(Arrived::Text(_))));
    far.0.send("x".repeat(1001)).await.unwrap();
    assert_eq!(call.next().await.unwrap_err().code(), Code::UpstreamAnswerTooLarge);
    let ended = next(&mut far).await;
    let Err(Ended::Closed(Some((code, _)))) = ended else { panic!("an end with a code: {ended:?}") };
    assert_eq!(code, close::TOO_LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_given_up() {
    let (link, far, _inbox) = link().await;
    let mut call = shared::Link::call(&link, &request()).unwrap();
    // The far end is there but reads nothing and so answers no ping.
    let begun = tokio::time::Instant::now();
    let error = call.next().await.unwrap_err();
    assert!(error.message().contains("gave no sign of life for 45 s"), "{}", error.message());
    assert_eq!(begun.elapsed().as_secs(), 45);
    drop(far);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_connection_is_kept() {
    let (link, mut far, _inbox) = link().await;
    let mut call = shared::Link::call(&link, &request()).unwrap();
    let quiet = async {
        // Reading answers the pings.
        while far.1.next().await.is_ok() {}
    };
    let waited = tokio::time::timeout(Duration::from_secs(600), async {
        tokio::select! {
            inbound = call.next() => panic!("nothing was answered: {inbound:?}"),
            () = quiet => panic!("the connection was given up"),
        }
    });
    assert!(waited.await.is_err());
}

#[tokio::test]
async fn stopping_says_goodbye() {
    let (link, mut far, _inbox) = link().await;
    let stopped = base::task::spawn_light(async move { link.stop(Duration::from_secs(60)).await });
    assert_eq!(next(&mut far).await, Err(Ended::Closed(Some((close::NORMAL, String::new())))));
    // The goodbye is answered, and that ends the waiting.
    drop(far);
    stopped.await.unwrap();
}

#[tokio::test]
async fn what_the_server_says_finds_its_way() {
    let (link, mut far, mut inbox) = link().await;
    let mut call = shared::Link::call(&link, &request()).unwrap();
    assert!(matches!(next(&mut far).await, Ok(Arrived::Text(_))));
    for said in [
        r#"{"jsonrpc":"2.0","id":"theirs","method":"ping"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#,
        "no message",
        r#"{"jsonrpc":"2.0","id":99,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{"mine":1}}"#,
    ] {
        far.0.send(said.to_owned()).await.unwrap();
    }
    assert!(matches!(call.next().await, Ok(Inbound::Note(_))));
    let Ok(Inbound::Answer(answer)) = call.next().await else { panic!("an answer") };
    assert_eq!(answer.body(), Some(r#"{"mine":1}"#));
    assert_eq!(inbox.recv().await.unwrap().method().unwrap().name(), "notifications/tools/list_changed");
    assert_eq!(next(&mut far).await, Ok(Arrived::Text(r#"{"jsonrpc":"2.0","id":"theirs","result":{}}"#.to_owned())));
    let counts = [&link.noise, &link.unmatched].map(|count| count.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!(counts, [1, 1]);
}
