//! A02, A06 and A18: connections that are slow, many or of another protocol, and headers that claim to be somebody.

use super::{assert_refused, guarded};
use crate::harness::{Client, Era, Http, HttpUpstream, Hub, Setup, eventually, pour, say_raw, trials, within};
use libtest_mimic::Trial;
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("security":
        a02_slow_heads_are_closed,
        a02_slow_bodies_are_closed,
        a02_idle_connections_are_closed_and_bounded,
        a02_one_address_takes_no_more_than_its_share,
        a06_claims_in_headers_count_for_nothing,
        a06_claims_in_headers_open_no_door,
        a18_another_version_of_http_is_refused,
        a18_an_upgrade_to_http2_is_passed_over,
    )
}

fn address(hub: &Hub) -> String {
    hub.at("").trim_start_matches("http://").to_owned()
}

/// A hub that waits for a request no longer than a moment.
async fn impatient() -> Hub {
    let telemetry = json!({"metrics": {"listen": "127.0.0.1:0"}});
    guarded().with("limits", json!({"arrival": "300ms", "connections": 100})).with("telemetry", telemetry).ready().await
}

/// The addresses where the hub listens.
fn listeners(hub: &Hub) -> [String; 2] {
    let metrics = hub.greeting["metrics"].as_str().expect("the numbers have an address of their own");
    let metrics = metrics.trim_start_matches("http://").trim_end_matches("/metrics");
    [address(hub), metrics.to_owned()]
}

/// Sends `head`, then one byte after the other with pauses that no deadline between two bytes would end, and gives what
/// the server wrote before it closed the connection.
async fn trickle(address: &str, head: &str, byte: u8) -> String {
    let mut socket = TcpStream::connect(address).await.expect("the hub listens");
    socket.write_all(head.as_bytes()).await.expect("the hub takes a head");
    let (mut reader, mut writer) = socket.split();
    let mut answer = Vec::new();
    let sending = async {
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        while writer.write_all(&[byte]).await.is_ok() {
            pause.tick().await;
        }
        std::future::pending::<()>().await;
    };
    let reading = async {
        let mut buffer = [0; 1024];
        while let Ok(length @ 1..) = reader.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..length]);
        }
    };
    within("the end of a connection that trickles", async {
        tokio::select! {
            () = reading => {}
            () = sending => {}
        }
    })
    .await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn a02_slow_heads_are_closed() {
    let hub = impatient().await;
    for address in listeners(&hub) {
        for head in ["", "P", "POST /mcp HTTP/1.1\r\nHost: x\r\nX-Slow: ", "GET /ws HTTP/1.1\r\nUpgrade: websock"] {
            let answer = trickle(&address, head, b'a').await;
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{head:?}: {answer}");
        }
    }
    hub.assert_good().await;
}

async fn a02_slow_bodies_are_closed() {
    let hub = impatient().await;
    let address = address(&hub);
    for path in ["/mcp", "/mcp/x", "/api/v1/servers/good/login"] {
        for (length, piece) in [("Content-Length: 100000", ""), ("Transfer-Encoding: chunked", "ffff\r\n")] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: */*\r\n{length}\r\n\r\n{piece}"
            );
            let answer = trickle(&address, &head, b'1').await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{path} {length}: {answer:?}");
            let slow = answer.starts_with("HTTP/1.1 408") && answer.contains("T-0324");
            assert!(slow || !path.starts_with("/mcp"), "{path} {length}: {answer:?}");
        }
    }
    hub.assert_good().await;
}

async fn a02_idle_connections_are_closed_and_bounded() {
    let hub = impatient().await;
    let address = address(&hub);
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(TcpStream::connect(&address).await.expect("the system takes the connection"));
    }
    // Beyond the limit they are closed at once, below it when nothing has come in time.
    let mut rest = [0; 1];
    for socket in &mut idle {
        let read = within("the end of an idle connection", socket.read(&mut rest)).await;
        assert!(!matches!(read, Ok(1..)), "nothing was asked, so nothing is answered");
    }
    eventually("there is room again", || async {
        let health = Http::new("GET", &hub.at("/healthz")).try_open().await;
        health.map(|answer| assert_eq!(answer.status, 200))
    })
    .await;
    hub.assert_good().await;
    // One that has been used is closed as well.
    let mut used = TcpStream::connect(&address).await.expect("the hub listens");
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    used.write_all(request.as_bytes()).await.expect("the hub reads");
    let mut all = Vec::new();
    let _ = within("the end of a connection that was used once", used.read_to_end(&mut all)).await;
    assert!(all.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&all));
}

/// Asks whether the hub is well on a new connection from `source`, which stays open; nothing when it is closed at once.
async fn come_from(source: &str, hub: &Hub) -> Option<TcpStream> {
    let address = address(hub);
    let socket = tokio::net::TcpSocket::new_v4().expect("there are sockets");
    let source = format!("{source}:0").parse().expect("an address");
    socket.bind(source).expect("all of 127.0.0.0/8 is this machine");
    let mut stream = socket.connect(address.parse().expect("an address")).await.expect("the hub listens");
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut answer = [0; 15];
    let asked = async {
        stream.write_all(request.as_bytes()).await?;
        stream.read_exact(&mut answer).await
    };
    let answered = within("an answer, or the end of the connection", asked).await;
    answered.is_ok().then(|| assert_eq!(&answer, b"HTTP/1.1 200 OK"))?;
    Some(stream)
}

async fn a02_one_address_takes_no_more_than_its_share() {
    const MOST: usize = 8;
    let hub = guarded().with("limits", json!({"connections_per_address": MOST})).ready().await;
    let mut crowd = Vec::new();
    for _ in 0..MOST {
        crowd.push(come_from("127.0.0.3", &hub).await.expect("there is room"));
    }
    for _ in 0..3 {
        assert!(come_from("127.0.0.3", &hub).await.is_none(), "its share is taken");
    }
    assert!(come_from("127.0.0.4", &hub).await.is_some(), "another address has a share of its own");
    hub.assert_good().await;
    crowd.pop();
    eventually("a connection that has ended makes room", || async {
        come_from("127.0.0.3", &hub).await.map(drop).ok_or_else(|| "none".to_owned())
    })
    .await;
    // A connection keeps its place when it becomes a WebSocket.
    let address = address(&hub);
    let upgrade = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    let mut socket = eventually("a place for a WebSocket", || async {
        come_from("127.0.0.3", &hub).await.ok_or_else(|| "none".to_owned())
    })
    .await;
    socket.write_all(upgrade.as_bytes()).await.expect("the hub reads");
    let mut answer = Vec::new();
    while !answer.windows(12).any(|part| part == b"HTTP/1.1 101") {
        let length = within("the upgrade", socket.read_buf(&mut answer)).await.expect("the hub answers");
        assert_ne!(length, 0, "{}", String::from_utf8_lossy(&answer));
    }
    assert!(come_from("127.0.0.3", &hub).await.is_none(), "its share is taken again");
}

const CLAIM: &str = "canary-of-a-claim-4Ks";

const CLAIMS: [&str; 14] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-prefix",
    "x-real-ip",
    "x-internal-user",
    "x-internal-role",
    "x-remote-user",
    "x-original-url",
    "x-rewrite-url",
    "forwarded",
    "via",
];

async fn a06_claims_in_headers_count_for_nothing() {
    let setup = Setup::new().environment("TUTTI_LOG", "trace");
    let mut upstreams = Vec::new();
    let mut config = setup;
    for (name, transport) in [("faulty", "--http"), ("old", "--sse")] {
        let record = config.record(name);
        let flags = ["--name", name, "--record", record.to_str().expect("the path is text")];
        let upstream = HttpUpstream::over(&[transport], &flags).await;
        config = config.remote(name, &upstream.url, json!({}));
        upstreams.push(upstream);
    }
    let hub = config.fixture("good", &[], json!({})).ready().await;
    for era in Era::BOTH {
        let client = CLAIMS.iter().fold(hub.client_of(era).await, |client, name| client.with_header(name, CLAIM));
        for name in ["faulty", "old", "good"] {
            let reply = client.call(&format!("{name}__echo"), json!({"message": "hi"})).await;
            assert_eq!(reply.text(), "hi", "{name}: {}", reply.raw);
        }
        let environment = client.call("good__environment", json!({})).await;
        assert!(!environment.raw.contains(CLAIM), "{}", environment.raw);
    }
    for name in ["faulty", "old", "good"] {
        let all = hub.recorded(name);
        assert!(all.iter().any(|entry| entry["message"]["params"]["name"] == "echo"), "the calls were recorded");
        let leaked: Vec<_> = all.iter().filter(|entry| entry.to_string().contains(CLAIM)).collect();
        assert!(leaked.is_empty(), "{name} got them: {leaked:?}");
    }
    assert!(!hub.stderr().contains(CLAIM), "they are not logged: {}", hub.stderr());
}

/// What a proxy would say of the client decides neither who may come in nor what is served.
async fn a06_claims_in_headers_open_no_door() {
    let hub = guarded().with("key", json!(super::STRONG)).ready().await;
    for path in super::PATHS.into_iter().filter(|path| *path != "/healthz") {
        for value in ["127.0.0.1", "local", "admin", "root", "for=127.0.0.1;host=localhost", "/healthz"] {
            let request = super::usual(&hub, path).without("authorization");
            let claimed = CLAIMS.iter().fold(request, |request, name| request.header(name, value));
            assert_refused(&claimed.send().await, path, 401, "T-0403");
        }
        let host = hub.at("").trim_start_matches("http://").to_owned();
        let evil = super::usual(&hub, path).header("host", "evil.example").header("x-forwarded-host", &host);
        assert_refused(&evil.send().await, path, 403, "T-0401");
    }
    let client = Client::bare(Era::Modern, &hub.url).with_header("x-forwarded-user", "local");
    let message = client.message(&json!(1), "tools/list", json!({}));
    assert_eq!(client.post(&message).send().await.status, 401);
}

/// The beginning of a connection of HTTP/2, with empty settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// The hub speaks HTTP/1.1, which has no streams, no frames and no compression of headers: of a flood of them it reads
/// nothing.
async fn a18_another_version_of_http_is_refused() {
    let hub = impatient().await;
    const MOST: usize = 32 << 20;
    let before = hub.resident_bytes();
    // A stream that is opened and reset; a piece of a head without an end; a window of zero.
    let reset = [b"\0\0\x01\x01\x05\0\0\0\x01\x82".as_slice(), b"\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08"].concat();
    let endless = [b"\0\x40\0\x09\0\0\0\0\x01".as_slice(), &[0x40; 0x4000]].concat();
    let window = b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0".to_vec();
    for address in listeners(&hub) {
        for frame in [&reset, &endless, &window] {
            let preface = std::str::from_utf8(PREFACE).expect("its bytes are text");
            let answer = pour(&address, preface, &frame.repeat(100), MOST).await;
            assert!(answer.sent < MOST, "the hub went on reading: {} bytes", answer.sent);
            assert!(answer.status().is_none_or(|status| status >= 400), "{answer:?}");
        }
    }
    let grown = hub.resident_bytes().saturating_sub(before) / 1_000_000;
    assert!(grown < 32, "nothing of it is kept: the hub grew by {grown} MB");
    hub.assert_good().await;
}

async fn a18_an_upgrade_to_http2_is_passed_over() {
    let hub = guarded().ready().await;
    let address = address(&hub);
    let upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
    for path in ["/mcp", "/healthz", "/ws"] {
        let answer = say_raw(&address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{upgrade}\r\n")).await;
        let status = answer.status().expect("there is an answer");
        assert!(status != 101 && status < 500, "{path}: {answer:?}");
    }
    hub.assert_good().await;
}
