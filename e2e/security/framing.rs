//! A01 to A11 and A61: addresses, headers and bodies.

use super::{ENDPOINTS, PATHS, assert_refused, guarded, usual};
use crate::harness::{Http, Hub, pour, say_raw, trials};
use libtest_mimic::Trial;
use serde_json::json;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("security":
        a01_ambiguous_framing,
        a03_h26_foreign_host,
        a03_missing_or_doubled_host,
        a04_h26_foreign_origin,
        a05_paths_in_other_spellings,
        a09_announced_body_too_large,
        a09_endless_body,
        a10_compressed_body,
        a61_h28_no_route_takes_a_command,
        a117_health_tells_nothing,
    )
}

fn address(hub: &Hub) -> String {
    hub.at("").trim_start_matches("http://").to_owned()
}

async fn a01_ambiguous_framing() {
    let hub = guarded().ready().await;
    let address = address(&hub);
    let head = format!("POST /mcp HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: */*\r\n");
    let requests = [
        format!("{head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n"),
        format!("{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{{}}   "),
        format!("{head}Content-Length: +5\r\n\r\n{{}}   "),
        format!("{head}Transfer-Encoding: identity, chunked, x\r\n\r\n0\r\n\r\n"),
        format!("{head}X-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{{}}"),
        "GET /healthz\r\n\r\n".to_owned(),
        "NONSENSE\r\n\r\n".to_owned(),
    ];
    for request in requests {
        let answer = say_raw(&address, &request).await;
        let refused = answer.status().is_none_or(|status| (400..500).contains(&status));
        assert!(refused, "refused or closed: {request:?} got {answer:?}");
    }
    hub.assert_good().await;
}

async fn a03_h26_foreign_host() {
    let hub = guarded().ready().await;
    let port = address(&hub).rsplit(':').next().unwrap().to_owned();
    for path in PATHS {
        for good in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("LOCALHOST:{port}")] {
            let answer = usual(&hub, path).header("host", &good).send().await;
            assert_eq!(answer.status, 200, "{path} with Host {good}: {}", answer.text());
        }
        let evil = [
            "evil.example".to_owned(),
            format!("evil.example:{port}"),
            format!("127.0.0.1.evil.example:{port}"),
            format!("localhost.evil.example:{port}"),
            format!("evil-localhost:{port}"),
            format!("127.0.0.1:{port}.evil.example"),
            format!("127.0.0.1@evil.example:{port}"),
            format!("169.254.169.254:{port}"),
            "x/admin?".to_owned(),
        ];
        for host in &evil {
            for request in [usual(&hub, path), Http::new("GET", &hub.at(path)), Http::new("OPTIONS", &hub.at(path))] {
                let answer = request.header("host", host).send().await;
                assert_refused(&answer, path, 403, "T-0401");
                assert!(answer.header("access-control-allow-origin").is_none(), "{path} with Host {host}");
            }
        }
    }
    assert!(hub.recorded("good").iter().all(|entry| entry["message"]["params"]["name"] != "secret"));
}

async fn a03_missing_or_doubled_host() {
    let hub = guarded().ready().await;
    let address = address(&hub);
    for path in PATHS {
        for hosts in ["", "Host:\r\n", &format!("Host: {address}\r\nHost: evil.example\r\n")] {
            let answer = say_raw(&address, &format!("GET {path} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await;
            let status = answer.status().expect("there is an answer");
            assert!([400, 403].contains(&status), "{path} with {hosts:?}: {answer:?}");
        }
        let absolute =
            format!("GET http://evil.example{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let status = say_raw(&address, &absolute).await.status().expect("there is an answer");
        assert!([400, 403, 404, 405].contains(&status), "{path} in absolute form: {status}");
    }
}

async fn a04_h26_foreign_origin() {
    let hub = guarded().ready().await;
    let port = address(&hub).rsplit(':').next().unwrap().to_owned();
    let own = [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")];
    let evil = [
        "https://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://evil.example:{port}"),
        format!("http://127.0.0.1:{port}.evil.example"),
        "file://".to_owned(),
        "chrome-extension://abcdef".to_owned(),
    ];
    for path in PATHS {
        for origin in &own {
            let answer = usual(&hub, path).header("origin", origin).send().await;
            assert_eq!(answer.status, 200, "{path} from {origin}: {}", answer.text());
        }
        for origin in &evil {
            let preflight = Http::new("OPTIONS", &hub.at(path))
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "content-type");
            for request in [usual(&hub, path), preflight] {
                let answer = request.header("origin", origin).send().await;
                assert_refused(&answer, path, 403, "T-0402");
                assert!(answer.header("access-control-allow-origin").is_none(), "{path} from {origin}");
            }
        }
    }
}

async fn a05_paths_in_other_spellings() {
    let hub = guarded().with("key", json!(super::keys::STRONG)).start().await;
    let address = address(&hub);
    let spellings = [
        "//mcp",
        "/./mcp",
        "/x/../mcp",
        "/%6dcp",
        "/mcp%2fx",
        "/mcp/%2e%2e/mcp",
        "/MCP",
        "/mcp;x",
        "/mcp/x/y",
        "/mcp/..",
        "/api/v1/servers/",
        "/api/v1//servers",
        "/api/v1/servers%00",
        "/API/v1/servers",
        "/api/v1/servers;.css",
        "/healthz/../api/v1/servers",
        "/healthz/%2e%2e/api/v1/servers",
        "/api/v1/servers?x=/healthz",
        "/mcp?x=/healthz",
    ];
    for path in spellings {
        for method in ["GET", "POST"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let status = say_raw(&address, &request).await.status().expect("there is an answer");
            assert!((400..500).contains(&status), "{method} {path} without the key: {status}");
        }
    }
}

async fn a09_announced_body_too_large() {
    let hub = guarded().with("limits", json!({"body": "64KiB"})).ready().await;
    let address = address(&hub);
    for path in ENDPOINTS {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: 1073741824\r\n\r\n{{"
        );
        let answer = say_raw(&address, &head).await;
        assert_eq!(answer.status(), Some(413), "refused by its length alone: {answer:?}");
        assert!(answer.text.contains("T-0314"), "{answer:?}");
    }
    let client = hub.modern();
    let call = |length: usize| {
        let params = json!({"name": "good__echo", "arguments": {"message": "x".repeat(length)}});
        client.post(&client.message(&json!(1), "tools/call", params))
    };
    assert_eq!(call(60_000).send().await.status, 200, "below the limit");
    let answer = call(66_000).send().await;
    assert_refused(&answer, "/mcp", 413, "T-0314");
    hub.assert_good().await;
}

async fn a09_endless_body() {
    let hub = guarded().with("limits", json!({"body": "64KiB"})).ready().await;
    let address = address(&hub);
    let before = hub.resident_bytes();
    let piece = [b"10000\r\n".as_slice(), &vec![b'['; 0x10000], b"\r\n"].concat();
    const MOST: usize = 64 << 20;
    for path in PATHS {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nAccept: */*\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        let answer = pour(&address, &head, &piece, MOST).await;
        assert!(answer.sent < MOST, "{path}: the hub went on reading: {} bytes", answer.sent);
        // When the hub closes while pieces are on their way, the answer may be lost on the way back.
        let status = answer.status().unwrap_or(413);
        assert!((400..500).contains(&status), "{path}: {answer:?}");
    }
    let grown = hub.resident_bytes().saturating_sub(before) / 1_000_000;
    assert!(grown < 32, "what is refused is not kept: the hub grew by {grown} MB");
    hub.assert_good().await;
}

async fn a10_compressed_body() {
    let hub = guarded().ready().await;
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let answer = usual(&hub, "/mcp").header("content-encoding", encoding).body(vec![0x1f, 0x8b, 8, 0]).send().await;
        assert!((400..500).contains(&answer.status), "{encoding}: {} {}", answer.status, answer.text());
    }
    hub.assert_good().await;
}

async fn a61_h28_no_route_takes_a_command() {
    let hub = guarded().ready().await;
    let made = hub.setup.path("made-by-an-attacker");
    let script = format!("touch {}", made.display());
    let entry =
        json!({"command": "sh", "args": ["-c", script], "name": "evil", "transport": "stdio", "start": "eager"});
    let bodies = [
        entry.clone(),
        json!({"name": "evil", "server": entry}),
        json!({"servers": {"evil": entry}}),
        json!({"mcpServers": {"evil": entry}}),
    ];
    let paths = [
        "/api/v1/servers",
        "/api/v1/servers/evil",
        "/api/v1/servers/good",
        "/api/v1/servers/good/test",
        "/api/v1/servers/test",
        "/api/v1/config",
        "/api/servers",
        "/api/v1/import",
        "/servers",
        "/config",
        "/reload",
        "/api/v1/reload",
        "/mcp",
        "/mcp/x",
        "/test",
    ];
    let before = hub.servers().await.len();
    for path in paths {
        for method in ["POST", "PUT", "PATCH"] {
            for body in &bodies {
                let request = Http::new(method, &hub.at(path)).header("content-type", "application/json");
                let answer = request.header("accept", "*/*").body(body.to_string()).send().await;
                assert!((400..500).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text());
            }
        }
    }
    for method in ["server/add", "servers/add", "config/set", "tutti/add_server"] {
        hub.modern().request(method, entry.clone()).await.assert_code(&["T-0303"]);
    }
    assert_eq!(hub.servers().await.len(), before, "no server was added");
    assert!(!made.exists(), "no command was run");
    let unchanged = std::fs::read_to_string(hub.setup.config_path()).unwrap();
    assert!(!unchanged.contains("attacker"), "the configuration was not written");
    hub.assert_good().await;
}

async fn a117_health_tells_nothing() {
    let hub = guarded().with("key", json!(super::keys::STRONG)).start().await;
    let answer = Http::new("GET", &hub.at("/healthz")).send().await;
    assert!([200, 401].contains(&answer.status), "{}", answer.text());
    for told in ["good", "faulty", super::keys::STRONG, "/tmp", "pid"] {
        assert!(!answer.text().contains(told), "{told}: {}", answer.text());
    }
}
