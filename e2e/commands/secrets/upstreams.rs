//! How secrets reach servers of each kind, also when they change.

use super::{answer, refused, run, set};
use crate::commands::run::put;
use crate::harness::{HttpUpstream, Hub, Setup, trials};
use crate::openapi::{Api, Asked, Said};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::secrets":
        an_api_gets_its_token_and_its_key,
        a_remote_server_gets_its_header,
        a_program_gets_its_variable,
        secrets_outlive_a_restart_and_not_another_master_secret,
    )
}

const DOCUMENT: &str = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths:\n  /pets:\n    get:\n      \
    operationId: pets\n      responses: {'200': {description: all}}\n";

/// A folder with the entry `shop` for the API at `url`, which wants a token and a key, and a server that wants nothing.
fn shop(url: &str) -> Setup {
    let auth = json!({
        "bearer": "${secret:SHOP_TOKEN}",
        "api_key": {"in": "query", "name": "key", "value": "${secret:SHOP_KEY}"},
    });
    let mut setup = Setup::new().fixture("good", &[], json!({}));
    put(&setup, "shop.yaml", DOCUMENT);
    setup.config["servers"]["shop"] = json!({"openapi": "shop.yaml", "base_url": url, "auth": auth});
    setup
}

fn pets(_: &Asked) -> Said {
    Said::json(&json!([]))
}

/// What the API was shown with a call.
async fn shown(hub: &Hub, api: &Api) -> (String, String) {
    hub.call("shop__pets", json!({})).await.result();
    let asked = api.last();
    (asked.header("authorization").unwrap_or_default().to_owned(), asked.target)
}

fn pair(token: &str, key: &str) -> (String, String) {
    (format!("Bearer {token}"), format!("/pets?key={key}"))
}

/// Waits until `name` is refused with `code`, and gives what it says.
async fn told(hub: &Hub, name: &str, code: &str) -> Value {
    let is_so = |server: &Value| server["state"] == "refused" && server["error"]["code"] == code;
    hub.wait_for(name, &format!("it is refused with {code}"), is_so).await["error"].clone()
}

async fn an_api_gets_its_token_and_its_key() {
    let api = Api::start(pets).await;
    let hub = shop(&api.url).start().await;
    hub.wait_for_tool("good__echo").await;
    let error = told(&hub, "shop", "T-0110").await;
    assert!(error["message"].as_str().is_some_and(|text| text.contains("servers.shop.auth")), "{error}");
    assert!(error["next"].as_str().is_some_and(|text| text.contains("tutti secret set SHOP_")), "{error}");
    let good = hub.server("good").await["pid"].clone();
    set(&hub.setup, "SHOP_TOKEN", "first").await;
    assert!(told(&hub, "shop", "T-0110").await["next"].as_str().is_some_and(|text| text.contains("SHOP_KEY")));
    set(&hub.setup, "SHOP_KEY", "a&b").await;
    hub.wait_for_tool("shop__pets").await;
    assert_eq!(shown(&hub, &api).await, pair("first", "a%26b"));
    // Another value is there with the next call: the tools stay, and nobody has to wait for them.
    let changed = set(&hub.setup, "SHOP_TOKEN", "second").await;
    assert_eq!(changed, json!({"name": "SHOP_TOKEN", "replaced": true, "used_by": ["shop"]}));
    assert_eq!(shown(&hub, &api).await, pair("second", "a%26b"));
    assert_eq!(refused(&hub.setup, "secret remove SHOP_TOKEN", "", 6).await, "T-0710");
    assert_eq!(shown(&hub, &api).await, pair("second", "a%26b"));
    answer(&hub.setup, "secret remove SHOP_TOKEN --force", "", 0).await;
    told(&hub, "shop", "T-0110").await;
    hub.call("shop__pets", json!({})).await.assert_fault(&["T-0110"], "shop");
    assert_eq!(hub.server("good").await["pid"], good, "who uses no secret goes on undisturbed");
    hub.assert_good().await;
}

async fn a_remote_server_gets_its_header() {
    let upstream = HttpUpstream::start(&["--name", "docs", "--require-header", "authorization: Bearer right"]).await;
    let entry = json!({"headers": {"Authorization": "Bearer ${secret:DOCS}"}});
    let hub = Setup::new().remote("docs", &upstream.url, entry).start().await;
    told(&hub, "docs", "T-0110").await;
    set(&hub.setup, "DOCS", "wrong").await;
    told(&hub, "docs", "T-0206").await;
    set(&hub.setup, "DOCS", "right").await;
    hub.wait_for_tool("docs__echo").await;
    assert_eq!(hub.call("docs__echo", json!({"message": "hi"})).await.text(), "hi");
    set(&hub.setup, "DOCS", "wrong again").await;
    hub.call("docs__echo", json!({"message": "hi"})).await.assert_fault(&["T-0206"], "docs");
}

async fn a_program_gets_its_variable() {
    let entry = json!({"env": {"TOKEN": "<${secret:TOKEN}>", "OTHER": "${secret:OTHER:-none}"}});
    let hub = Setup::new().fixture("good", &[], entry).start().await;
    told(&hub, "good", "T-0110").await;
    set(&hub.setup, "TOKEN", "first").await;
    hub.wait_for_tool("good__environment").await;
    let environment = async || hub.call("good__environment", json!({})).await.structured().clone();
    let first = environment().await;
    assert_eq!((&first["TOKEN"], &first["OTHER"]), (&json!("<first>"), &json!("none")));
    // A call that is under way goes on with the old value, and ends.
    let client = hub.modern();
    let file = hub.setup.path("go on");
    let held = client.call("good__hold", json!({"name": "one", "file": file.to_str().expect("it is text")}));
    let change = async {
        hub.call("good__await_hold", json!({"name": "one"})).await.result();
        set(&hub.setup, "TOKEN", "${OTHER} two\nlines").await;
        let second = environment().await;
        assert_eq!(second["TOKEN"], "<${OTHER} two\nlines>", "a value is not read as a text with variables");
        put(&hub.setup, "go on", "");
    };
    assert_eq!(tokio::join!(held, change).0.text(), "held one");
}

async fn secrets_outlive_a_restart_and_not_another_master_secret() {
    let api = Api::start(pets).await;
    let hub = shop(&api.url).start().await;
    set(&hub.setup, "SHOP_TOKEN", "kept").await;
    set(&hub.setup, "SHOP_KEY", "k").await;
    hub.wait_for_tool("shop__pets").await;
    let hub = hub.stop().await.start().await;
    assert_eq!(shown(&hub, &api).await, pair("kept", "k"));
    let other = "q7RkX2w9Lz4Ns8Bd1Vt6Yc3Hm5Fb0Pj-Aq7vRk2Xw9Lz4Ns8";
    let hub = hub.stop().await.environment("TUTTI_SECRET", other).start().await;
    let error = told(&hub, "shop", "T-0706").await;
    let said = error.to_string();
    assert!(said.contains("servers.shop.auth") && said.contains("tutti secret set SHOP_"), "{error}");
    hub.wait_for_tool("good__echo").await;
    hub.assert_good().await;
    let listed = run(&hub.setup, "secret list", "").await;
    assert_eq!((listed.code, listed.stdout.matches("T-0706").count()), (Some(0), 2), "{listed:?}");
    set(&hub.setup, "SHOP_TOKEN", "anew").await;
    set(&hub.setup, "SHOP_KEY", "k2").await;
    assert_eq!(shown(&hub, &api).await, pair("anew", "k2"));
}
