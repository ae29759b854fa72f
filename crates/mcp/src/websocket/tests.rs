use super::{Arrived, End, Ended, Receiver, Sender, accept, close, is_upgrade, offers_protocol, open};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tokio::io::{AsyncWriteExt as _, DuplexStream};

type Half = (Sender<DuplexStream>, Receiver<DuplexStream>);

async fn pair(limit: usize) -> (Half, Half) {
    let (client, server) = tokio::io::duplex(1 << 16);
    let client = open(client, Bytes::new(), End::Client, 1 << 20).await;
    (client, open(server, Bytes::new(), End::Server, limit).await)
}

/// What a server with a limit of 100 bytes makes of these bytes.
async fn of_bytes(bytes: &[u8]) -> Result<Arrived, Ended> {
    let (mut client, server) = tokio::io::duplex(1 << 16);
    let (_sender, mut receiver) = open(server, Bytes::new(), End::Server, 100).await;
    client.write_all(bytes).await.unwrap();
    drop(client);
    receiver.next().await
}

#[test]
fn proof_is_that_of_the_specification() {
    // RFC 6455, section 1.3.
    assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

#[test]
fn headers_of_a_handshake() {
    let headers = |pairs: &[(&'static str, &'static str)]| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    };
    for (upgrade, connection, expected) in [
        ("websocket", "Upgrade", true),
        ("WebSocket", "keep-alive, upgrade", true),
        ("h2c, websocket", "upgrade", true),
        ("h2c", "upgrade", false),
        ("websocket", "close", false),
    ] {
        let found = is_upgrade(&headers(&[("upgrade", upgrade), ("connection", connection)]));
        assert_eq!(found, expected, "{upgrade} {connection}");
    }
    assert_eq!(offers_protocol(&headers(&[])), None);
    assert_eq!(offers_protocol(&headers(&[("sec-websocket-protocol", "graphql, MCP")])), Some(true));
    assert_eq!(offers_protocol(&headers(&[("sec-websocket-protocol", "graphql")])), Some(false));
}

#[tokio::test]
async fn messages_go_both_ways_and_an_end_is_told() {
    let ((mut to_server, mut from_server), (mut to_client, mut from_client)) = pair(1 << 20).await;
    to_server.send("{\"a\":\"ü\"}".to_owned()).await.unwrap();
    assert_eq!(from_client.next().await, Ok(Arrived::Text("{\"a\":\"ü\"}".to_owned())));
    to_client.send("answer".to_owned()).await.unwrap();
    assert_eq!(from_server.next().await, Ok(Arrived::Text("answer".to_owned())));
    to_server.ping().await.unwrap();
    assert_eq!(from_client.next().await, Ok(Arrived::Alive));
    to_client.close(close::AWAY, &"ü".repeat(100)).await.unwrap();
    let Err(Ended::Closed(Some((code, reason)))) = from_server.next().await else { panic!("an end with a code") };
    assert_eq!((code, reason), (close::AWAY, "ü".repeat(61)), "a reason has at most 123 bytes");
}

#[tokio::test]
async fn a09_messages_above_the_limit_are_not_kept() {
    let ((mut to_server, _keep), (_sender, mut from_client)) = pair(100).await;
    to_server.send("x".repeat(100)).await.unwrap();
    assert_eq!(from_client.next().await, Ok(Arrived::Text("x".repeat(100))));
    to_server.send("x".repeat(101)).await.unwrap();
    assert_eq!(from_client.next().await, Err(Ended::TooLarge));
    // A head that promises more is enough, and so are many pieces of one message.
    let mut promised = vec![0x81, 0xff];
    promised.extend(u64::to_be_bytes(1 << 40));
    promised.extend([0; 4]);
    assert_eq!(of_bytes(&promised).await, Err(Ended::TooLarge));
    let piece = |first: u8| [&[first, 0x80 | 60, 0, 0, 0, 0][..], &[b'x'; 60]].concat();
    assert_eq!(of_bytes(&[piece(1), piece(0), piece(0)].concat()).await, Err(Ended::TooLarge));
}

#[tokio::test]
async fn what_is_no_message_ends_the_connection() {
    assert_eq!(of_bytes(&[0x82, 0x81, 0, 0, 0, 0, 1]).await, Err(Ended::Binary));
    assert_eq!(of_bytes(&[0x88, 0x80, 0, 0, 0, 0]).await, Err(Ended::Closed(None)));
    for (what, bytes) in [
        ("text that is no UTF-8", &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe][..]),
        ("no mask", &[0x81, 0x01, b'x']),
        ("an opcode that is not known", &[0x83, 0x80, 0, 0, 0, 0]),
        ("a reserved bit, as for compression", &[0xc1, 0x81, 0, 0, 0, 0, b'x']),
        ("a control frame in pieces", &[0x09, 0x80, 0, 0, 0, 0]),
        ("a continuation of nothing", &[0x80, 0x81, 0, 0, 0, 0, b'x']),
        ("an end without goodbye", &[]),
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n"),
    ] {
        let ended = of_bytes(bytes).await;
        assert!(matches!(ended, Err(Ended::Broken(_) | Ended::Closed(None))), "{what}: {ended:?}");
    }
}
