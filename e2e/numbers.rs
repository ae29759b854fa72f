//! Numbers of errors, which not all versions of the protocol know, for each pair of eras.

use crate::harness::{Client, Era, HttpUpstream, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("numbers": h15_resource_not_found, h15_numbers_of_the_other_era);
    tests.extend(trials!("numbers": h15_addresses_first, h15_changed_headers_are_learned));
    tests
}

async fn pair() -> Hub {
    let setup = Setup::new().fixture("legacy", &["--era", "legacy"], json!({}));
    setup.fixture("modern", &["--era", "modern"], json!({})).ready().await
}

async fn failed(client: &Client, upstream: &str, code: i64) -> Value {
    let arguments = json!({"code": code, "message": "as told", "data": {"kept": 1.0}});
    let reply = client.call(&format!("{upstream}__error"), arguments).await;
    let error = reply.error().clone();
    assert_eq!(error["message"], "as told", "{error}");
    assert_eq!(error["data"]["kept"], 1.0, "{error}");
    error
}

/// Whatever the upstream calls it, and whether it or the hub says it.
async fn h15_resource_not_found(era: Era) {
    let hub = pair().await;
    let client = hub.client_of(era).await;
    let number = if era == Era::Legacy { -32002 } else { -32602 };
    let uris = ["tutti://modern/test://absent", "tutti://nobody/test://x", "file:///etc/passwd"];
    for uri in uris {
        let reply = client.request("resources/read", json!({"uri": uri})).await;
        assert_eq!(reply.error()["code"], number, "{uri}: {}", reply.raw);
    }
    // The legacy fixture says -32602, as Python servers do; that is a number of its own era.
    let reply = client.request("resources/read", json!({"uri": "tutti://legacy/test://absent"})).await;
    assert_eq!(reply.error()["code"], -32602, "{}", reply.raw);
}

async fn h15_numbers_of_the_other_era(era: Era) {
    let hub = pair().await;
    let client = hub.client_of(era).await;
    let (own, other) = if era == Era::Legacy { ("legacy", "modern") } else { ("modern", "legacy") };
    for code in [-32020, -32021, -32022] {
        assert_eq!(failed(&client, other, code).await["code"], -32603, "{code} of {other}");
        assert_eq!(failed(&client, own, code).await["code"], code, "{code} of {own}");
    }
    for code in [-32000, -32002, -32602, -32601, 7] {
        for upstream in ["legacy", "modern"] {
            assert_eq!(failed(&client, upstream, code).await["code"], code, "{code} of {upstream}");
        }
    }
}

async fn h15_addresses_first() {
    let hub = pair().await;
    let newest = hub.client().await;
    assert_eq!(failed(&newest, "legacy", -32042).await["code"], -32042);
    for version in ["2025-06-18", "2024-11-05"] {
        let older = hub.bare(Era::Legacy).shake_hands(version).await;
        assert_eq!(failed(&older, "legacy", -32042).await["code"], -32603, "{version}");
    }
    // A modern client that cannot be sent there lacks a capability.
    let error = failed(&hub.modern(), "legacy", -32042).await;
    assert_eq!(error["code"], -32021, "{error}");
    assert_eq!(error["data"]["requiredCapabilities"], json!({"elicitation": {"url": {}}}), "{error}");
}

/// An upstream whose tool wants another header than the hub knows of says so, and the call works when it is repeated.
async fn h15_changed_headers_are_learned() {
    let setup = Setup::new();
    let file = setup.path_text("tools.json");
    let write = |name: &str| {
        let property = json!({"a": {"type": "string", "x-mcp-header": name}});
        let tool = |tool: &str| json!({"name": tool, "inputSchema": {"type": "object", "properties": property}});
        std::fs::write(&file, json!([tool("echo"), tool("error")]).to_string()).unwrap();
    };
    write("Before");
    let record = setup.path_text("remote.record");
    let flags = ["--name", "remote", "--era", "modern", "--tools-file", &file, "--record", &record];
    let upstream = HttpUpstream::start(&flags).await;
    // A schema that is another one would wait for an approval.
    let hub = setup.remote("remote", &upstream.url, json!({"pins": "trust"})).ready().await;
    write("After");
    let client = hub.client().await;
    assert_eq!(client.call("remote__error", json!({"a": "x", "code": -32020})).await.error()["code"], -32603);
    crate::harness::eventually("the new header is sent", || async {
        client.call("remote__echo", json!({"a": "x", "message": "m"})).await.result();
        let last = hub.recorded("remote").pop().unwrap();
        if last["headers"]["mcp-param-after"] == "x" { Ok(()) } else { Err(last["headers"].to_string()) }
    })
    .await;
}
