//! What each era is told.

use crate::harness::{Direct, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    trials!("upstream":
        legacy_refuses_discover,
        legacy_wants_the_handshake,
        legacy_negotiates_the_version,
        modern_refuses_initialize,
        modern_results_are_marked,
        modern_lacks_what_was_removed,
        modern_subscriptions,
        modern_log_level_is_per_request,
        dual_speaks_both,
        pinned_to_modern,
        pinned_to_legacy,
        extra_capabilities_are_said,
    )
}

async fn legacy_refuses_discover() {
    for code in ["-32601", "-32602"] {
        let mut direct = Direct::start(&["--era", "legacy", "--discover-error", code]);
        let answer = direct.modern(1, "server/discover", json!({})).await;
        assert_eq!(answer["error"]["code"].to_string(), code);
        assert!(direct.shake_hands().await.get("result").is_some(), "initialize works afterwards");
    }
    let mut silent = Direct::start(&["--era", "legacy", "--discover-error", "silent"]);
    silent.send(&json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover"})).await;
    assert_eq!(silent.shake_hands().await["id"], 0, "the first answer is the one to initialize");
}

async fn legacy_wants_the_handshake() {
    let mut direct = Direct::start(&["--era", "legacy"]);
    assert_eq!(direct.request(1, "tools/list", json!({})).await["error"]["code"], -32602);
    assert_eq!(direct.request(2, "ping", json!({})).await["result"], json!({}));
    direct.shake_hands().await;
    assert!(direct.request(3, "tools/list", json!({})).await["result"]["tools"].is_array());
    assert!(direct.modern(4, "tools/list", json!({})).await["result"].get("resultType").is_none());
}

async fn legacy_negotiates_the_version() {
    for (offered, agreed) in [("2025-03-26", "2025-03-26"), ("1999-01-01", "2025-11-25")] {
        let mut direct = Direct::start(&["--era", "legacy"]);
        let params =
            json!({"protocolVersion": offered, "capabilities": {}, "clientInfo": {"name": "e", "version": "1"}});
        assert_eq!(direct.request(1, "initialize", params).await["result"]["protocolVersion"], agreed);
    }
}

async fn modern_refuses_initialize() {
    let mut direct = Direct::start(&["--era", "modern"]);
    let answer = direct.shake_hands().await;
    assert_eq!(answer["error"]["code"], -32022);
    assert_eq!(answer["error"]["data"]["supported"], json!(["2026-07-28"]));
    let discovered = direct.modern(1, "server/discover", json!({})).await;
    assert_eq!(discovered["result"]["supportedVersions"], json!(["2026-07-28"]), "{discovered}");
    assert_eq!(direct.request(2, "tools/list", json!({})).await["error"]["code"], -32602, "without _meta");
    let old = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": "2030-01-01"}});
    assert_eq!(direct.request(3, "tools/list", old).await["error"]["code"], -32022);
}

async fn modern_results_are_marked() {
    let mut direct = Direct::start(&["--era", "modern", "--name", "m"]);
    let listed = [
        ("server/discover", ""),
        ("tools/list", ""),
        ("prompts/list", ""),
        ("resources/list", ""),
        ("resources/read", "test://static"),
    ];
    for (method, uri) in listed {
        let params = if uri.is_empty() { json!({}) } else { json!({"uri": uri}) };
        let result = direct.modern(1, method, params).await["result"].clone();
        assert_eq!(result["resultType"], "complete", "{method}");
        assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "m", "{method}");
        assert!(result["ttlMs"].is_u64() && result["cacheScope"].is_string(), "{method}: {result}");
    }
    let called = direct.modern(2, "tools/call", json!({"name": "echo", "arguments": {"message": "hi"}})).await;
    assert_eq!(called["result"]["resultType"], "complete");
    assert_eq!(called["result"]["_meta"]["com.example/from"], "m", "its own _meta is kept");
}

async fn modern_lacks_what_was_removed() {
    let mut direct = Direct::start(&["--era", "modern"]);
    for method in ["ping", "logging/setLevel", "resources/subscribe"] {
        assert_eq!(direct.modern(1, method, json!({})).await["error"]["code"], -32601, "{method}");
    }
}

async fn modern_subscriptions() {
    let mut direct = Direct::start(&["--era", "modern"]);
    let id = |message: &Value| message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].clone();
    let first = direct.modern(7, "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}})).await;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(id(&first), 7);
    let other = json!({"notifications": {"resourceSubscriptions": ["test://static"]}});
    assert_eq!(id(&direct.modern(8, "subscriptions/listen", other).await), 8);
    let changed = direct.modern(9, "tools/call", json!({"name": "change_tools"})).await;
    assert_eq!((&changed["method"], id(&changed)), (&json!("notifications/tools/list_changed"), json!(7)));
    assert_eq!(direct.message().await["id"], 9, "the other subscription does not get it");
    let touch = json!({"name": "touch", "arguments": {"uri": "test://static"}});
    assert_eq!(id(&direct.modern(10, "tools/call", touch).await), 8);
    direct.message().await;
    direct.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}})).await;
    assert_eq!(direct.modern(11, "tools/call", json!({"name": "change_tools"})).await["id"], 11, "it has ended");
}

async fn modern_log_level_is_per_request() {
    let mut direct = Direct::start(&["--era", "modern"]);
    let quiet =
        direct.modern(1, "tools/call", json!({"name": "log", "arguments": {"level": "error", "text": "a"}})).await;
    assert_eq!(quiet["result"]["structuredContent"]["sent"], false);
    let params = json!({
        "name": "log", "arguments": {"level": "error", "text": "a"}, "_meta": {"io.modelcontextprotocol/logLevel": "info"},
    });
    assert_eq!(direct.modern(2, "tools/call", params).await["method"], "notifications/message");
}

async fn dual_speaks_both() {
    let mut direct = Direct::start(&["--era", "dual"]);
    assert!(direct.modern(1, "server/discover", json!({})).await.get("result").is_some());
    assert!(direct.shake_hands().await.get("result").is_some());
    assert!(direct.request(2, "tools/list", json!({})).await["result"].get("resultType").is_none());
    assert_eq!(direct.modern(3, "tools/list", json!({})).await["result"]["resultType"], "complete");
}

async fn pinned_to_modern() {
    let mut direct = Direct::start(&["--era", "dual-pinned"]);
    assert!(direct.modern(1, "server/discover", json!({})).await.get("result").is_some());
    let error = direct.shake_hands().await["error"].clone();
    assert_eq!(error["code"], -32022);
    let text = "connection is serving the 2026-07-28 protocol; the initialize handshake is not accepted";
    assert_eq!(error["message"], text);
    assert!(direct.modern(2, "tools/list", json!({})).await.get("result").is_some());
}

async fn pinned_to_legacy() {
    let mut direct = Direct::start(&["--era", "dual-pinned"]);
    assert!(direct.shake_hands().await.get("result").is_some());
    assert_eq!(direct.modern(1, "server/discover", json!({})).await["error"]["code"], -32601);
}

async fn extra_capabilities_are_said() {
    let mut direct = Direct::start(&["--extra-capabilities"]);
    let capabilities = direct.shake_hands().await["result"]["capabilities"].clone();
    assert_eq!(capabilities["x-vendor"]["kept"], json!([1, 2.5, null]));
    assert_eq!(capabilities["tools"]["listChanged"], true);
}
