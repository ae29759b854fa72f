//! What strangers may try at the hub's endpoints on the other transports.

use super::endpoints::{base, open, setup, socket};
use super::talk::{ALL, Kind, Talk};
use crate::harness::frames::{self, TEXT};
use crate::harness::{Client, Http, eventually, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("transports::attacks":
        a03_a04_h26_hosts_and_pages_are_checked_before_anything,
        a08_key_is_wanted_everywhere,
        a09_messages_above_the_limit_are_refused,
        a11_to_a15_what_is_no_message_is_told,
        a14_ids_in_flight_are_not_taken_twice,
        a16_a41_answers_to_nothing_change_nothing,
        a19_client_that_does_not_read_is_given_up,
        a26_streams_are_known_by_their_ids_alone,
        connections_and_requests_have_a_limit,
        handshakes_that_are_none_are_refused,
        wrong_frames_end_the_connection,
    )
}

async fn a03_a04_h26_hosts_and_pages_are_checked_before_anything() {
    let hub = setup().ready().await;
    let base = base(&hub);
    for (header, value, code) in
        [("host", "evil.example", "T-0401"), ("origin", "https://evil.example", "T-0402"), ("origin", "null", "T-0402")]
    {
        for (method, path) in [("GET", "/sse"), ("POST", "/messages?session_id=1"), ("GET", "/ws")] {
            let request = Http::new(method, &format!("{base}{path}")).header("accept", "text/event-stream");
            let answer = request.header(header, value).send().await;
            assert_eq!((answer.status, answer.text().contains(code)), (403, true), "{path} {header}: {value}");
            assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        }
        let refused = Talk::web_socket(&base, "/ws", &format!("{header}: {value}\r\n")).await.err().unwrap();
        assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    }
}

async fn a08_key_is_wanted_everywhere() {
    let key = "a-Key-0f-24-characters-or-more";
    let hub = setup().with("key", json!(key)).start().await;
    let base = base(&hub);
    for (sent, status) in [(None, 401), (Some("Bearer wrong-wrong-wrong-wrong-1"), 401), (Some("Basic eDp5"), 401)] {
        for (method, path) in [("GET", "/sse"), ("GET", "/sse/all"), ("POST", "/messages?session_id=1"), ("GET", "/ws")]
        {
            let mut request = Http::new(method, &format!("{base}{path}")).header("accept", "text/event-stream");
            if let Some(sent) = sent {
                request = request.header("authorization", sent);
            }
            assert_eq!(request.send().await.status, status, "{path} {sent:?}");
        }
        let header = sent.map(|sent| format!("authorization: {sent}\r\n")).unwrap_or_default();
        let refused = Talk::web_socket(&base, "/ws", &header).await.err().unwrap();
        assert!(refused.starts_with("HTTP/1.1 401"), "{refused}");
    }
    let mut talk = Talk::web_socket(&base, "/ws", &format!("authorization: Bearer {key}\r\n")).await.unwrap();
    assert!(talk.greet().await["result"].is_object());
    // The id of a stream is no credential.
    let address = format!("{base}/messages?session_id=x&token={key}");
    assert_eq!(Http::new("POST", &address).send().await.status, 400);
}

async fn a09_messages_above_the_limit_are_refused() {
    let hub = setup().with("limits", json!({"body": "10KiB"})).ready().await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        let large =
            json!({"jsonrpc": "2.0", "id": 9, "method": "ping", "params": {"x": "x".repeat(11_000)}}).to_string();
        match talk.send_text(&large).await {
            Some((status, text)) => assert_eq!((status, text.contains("T-0314")), (413, true)),
            None => {
                let told = talk.next().await.unwrap();
                assert_eq!(told["error"]["data"]["code"], "T-0314", "{kind:?}: {told}");
            }
        }
        if kind == Kind::WebSocket {
            assert_eq!((talk.next().await, talk.closed), (None, Some(1009)));
        } else {
            assert_eq!(talk.request("ping", json!({})).await.0["result"], json!({}), "{kind:?}: it goes on");
        }
    }
}

async fn a11_to_a15_what_is_no_message_is_told() {
    let hub = setup().ready().await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        for (text, code) in [
            ("{", -32700),
            (&"[".repeat(100_000), -32600),
            (&format!("{{\"a\":{}", "[".repeat(100_000)), -32700),
            (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32700),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600),
            (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32600),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
            (r#"{"id":1,"method":"ping"}"#, -32600),
            ("42", -32600),
        ] {
            let told = match talk.send_text(text).await {
                Some((status, body)) => {
                    assert_eq!(status, 400, "{text:.50}: {body}");
                    serde_json::from_str(&body).unwrap()
                }
                None => talk.next().await.unwrap(),
            };
            assert_eq!(told["error"]["code"], code, "{kind:?} {text:.50}: {told}");
        }
        assert_eq!(talk.request("ping", json!({})).await.0["result"], json!({}), "{kind:?}: it goes on");
    }
}

async fn a14_ids_in_flight_are_not_taken_twice() {
    let hub = setup().ready().await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        let name = format!("{kind:?}");
        let call = json!({"name": "good__hold", "arguments": {"name": name}});
        let message = json!({"jsonrpc": "2.0", "id": "same", "method": "tools/call", "params": call});
        talk.send(&message).await;
        talk.send(&message).await;
        let told = talk.next().await.unwrap();
        assert_eq!(told["error"]["data"]["code"], "T-0321", "{kind:?}: {told}");
        talk.call("good__release", json!({"name": name})).await;
    }
}

async fn a16_a41_answers_to_nothing_change_nothing() {
    let hub = setup().ready().await;
    for kind in ALL {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        for id in [json!(1), json!("x"), json!(987_654)] {
            talk.send(&json!({"jsonrpc": "2.0", "id": id, "result": {}})).await;
            talk.send(&json!({"jsonrpc": "2.0", "id": id, "error": {"code": 1, "message": "m"}})).await;
        }
        talk.send(&json!({"jsonrpc": "2.0", "method": "notifications/unheard/of"})).await;
        let (answer, before) = talk.request("ping", json!({})).await;
        assert_eq!((&answer["result"], before.len()), (&json!({}), 0), "{kind:?}: {before:?}");
    }
}

/// What waits for such a client has a limit; others do not notice.
async fn a19_client_that_does_not_read_is_given_up() {
    let hub = setup().ready().await;
    let mut stream = tokio::net::UnixStream::connect(socket(&hub.setup)).await.unwrap();
    let before = hub.resident_bytes();
    let message = Client::modern("http://nowhere/").message(&json!(1), "tools/list", json!({})).to_string() + "\n";
    // The hub stops reading what it cannot answer, so writing stops.
    let flood = async {
        loop {
            if tokio::io::AsyncWriteExt::write_all(&mut stream, message.as_bytes()).await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(3), flood).await;
    let grown = hub.resident_bytes().saturating_sub(before);
    assert!(grown < 100 << 20, "what waits is bounded: {grown} bytes more");
    hub.assert_good().await;
}

async fn a26_streams_are_known_by_their_ids_alone() {
    let hub = setup().ready().await;
    let base = base(&hub);
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    let post = async |address: &str| {
        let http = Http::new("POST", address).header("content-type", "application/json");
        http.body(ping.clone()).send().await.status
    };
    for id in ["", "?session_id=", "?session_id=guess", "?other=1", &format!("?session_id={}", "x".repeat(8000))] {
        assert_eq!(post(&format!("{base}/messages{id}")).await, 404, "{id:.40}");
    }
    let talk = open(&hub, Kind::Events).await;
    let (address, other) = (talk.address().to_owned(), open(&hub, Kind::Events).await.address().to_owned());
    assert_ne!(address, other);
    assert!(address.len() >= base.len() + "/messages?session_id=".len() + 64, "it cannot be guessed: {address}");
    assert_eq!(post(&address).await, 202);
    drop(talk);
    eventually("the id is not known after the end", || async {
        let status = post(&address).await;
        if status == 404 { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
}

async fn connections_and_requests_have_a_limit() {
    let hub = setup().with("limits", json!({"requests": 3})).ready().await;
    for kind in [Kind::WebSocket, Kind::Socket] {
        let mut talk = open(&hub, kind).await;
        talk.greet().await;
        let name = format!("{kind:?}");
        for _ in 0..3 {
            talk.begin("tools/call", json!({"name": "good__hold", "arguments": {"name": name}})).await;
        }
        let refused = talk.call("good__echo", json!({"message": "x"})).await;
        assert_eq!(refused["error"]["data"]["code"], "T-0319", "{kind:?}: {refused}");
        drop(talk);
        eventually("there is room again", || async {
            let reply = hub.call("good__echo", json!({"message": "x"})).await;
            if reply.message["result"].is_object() { Ok(()) } else { Err(reply.raw) }
        })
        .await;
        assert!(open(&hub, kind).await.greet().await["result"].is_object(), "{kind:?} again");
    }
}

async fn handshakes_that_are_none_are_refused() {
    let hub = setup().ready().await;
    let base = base(&hub);
    let plain = Http::new("GET", &format!("{base}/ws")).send().await;
    assert_eq!((plain.status, plain.text().contains("T-0330")), (426, true), "{}", plain.text());
    assert_eq!(plain.header("sec-websocket-version"), Some("13"));
    let host = base.trim_start_matches("http://");
    let good = [
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (name, value) in [
        ("upgrade", "h2c"),
        ("connection", "close"),
        ("sec-websocket-version", "8"),
        ("sec-websocket-key", "short"),
        ("sec-websocket-protocol", "graphql"),
    ] {
        let mut head = format!("GET /ws HTTP/1.1\r\nhost: {host}\r\n{name}: {value}\r\n");
        for (other, value) in good.iter().filter(|(other, _)| *other != name) {
            head += &format!("{other}: {value}\r\n");
        }
        let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, format!("{head}\r\n").as_bytes()).await.unwrap();
        let answer = crate::harness::check::within("an answer", frames::read_head(&mut stream)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 426"), "{name}: {value}: {answer}");
    }
}

async fn wrong_frames_end_the_connection() {
    let hub = setup().ready().await;
    for (what, bytes, code) in [
        ("bytes instead of text", frames::frame(2, b"{}", true), Some(1003)),
        ("no mask", frames::frame(TEXT, b"{}", false), None),
        ("no UTF-8", frames::frame(TEXT, b"\xff\xfe", true), None),
        ("an unknown kind", frames::frame(5, b"", true), None),
        ("a promise of a terabyte", [frames::head(0x80 | TEXT, 1 << 40, true), vec![0; 4]].concat(), Some(1009)),
    ] {
        let mut talk = open(&hub, Kind::WebSocket).await;
        talk.send_bytes(&bytes).await;
        while talk.next().await.is_some() {}
        assert!(
            talk.closed == code || (code.is_none() && talk.closed.is_none_or(|code| code != 1000)),
            "{what}: {:?}",
            talk.closed
        );
    }
    hub.assert_good().await;
}
