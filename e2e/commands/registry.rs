//! `tutti server import --registry`: from another hub, and from registries that answer as they like.

use crate::harness::{Run, Setup, trials, tutti};
use crate::openapi::{Api, Asked, Said};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::registry":
        views_of_a_hub_are_servers_of_another,
        servers_are_asked_for_by_name_and_version,
        lists_are_read_to_their_end,
        documents_at_addresses_are_taken_over,
        a84_nothing_leads_to_another_server,
        a81_a_public_registry_names_no_private_address,
        a40_answers_and_lists_have_an_end,
        what_is_no_registry_is_told_of,
    )
}

const KEY: &str = "im-8Kq2rTx5Wn9Zb4Lc7Vd1Fh6Jm3Ps0Yt";

/// Runs `tutti server import --json` with these arguments beside the configuration of a setup.
async fn import(setup: &Setup, arguments: &[&str]) -> Run {
    let (home, config) = (setup.folder.path().display().to_string(), setup.path_text("tutti.yaml"));
    let whole = [&["server", "import", "--json", "--config", &config], arguments].concat();
    tutti(&whole, &[("HOME", &home), ("TUTTI_HOME", &home), ("HUB_KEY", KEY), ("SOME_KEY", KEY)]).await
}

/// What it said to programs.
fn said(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

fn empty() -> Setup {
    let setup = Setup::new();
    setup.write_config();
    setup
}

fn config(setup: &Setup) -> String {
    std::fs::read_to_string(setup.config_path()).expect("the configuration is there")
}

/// An import that must fail with this exit code and this code, and must leave everything as it was.
async fn refused(arguments: &[&str], exit: i32, code: &str, says: &str) {
    let setup = empty();
    let before = config(&setup);
    let run = import(&setup, arguments).await;
    assert_eq!(run.code, Some(exit), "{arguments:?}: {run:?}");
    let error = said(&run)["error"].take();
    assert_eq!(error["code"], code, "{arguments:?}: {run:?}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(says)), "{arguments:?}: {says}: {run:?}");
    assert_eq!(config(&setup), before, "{arguments:?}");
    assert!(!setup.path(".env").exists(), "{arguments:?}");
}

fn weather(version: &str) -> Value {
    json!({
        "server": {
            "name": "com.example/weather", "description": "Weather", "version": version,
            "packages": [{
                "registryType": "npm", "identifier": "@example/weather", "version": version, "transport": {"type": "stdio"},
                "environmentVariables": [
                    {"name": "WEATHER_KEY", "isRequired": true, "isSecret": true}, {"name": "SOME_KEY", "isRequired": true},
                ],
            }],
        },
        "_meta": {"io.modelcontextprotocol.registry/official": {"status": "active", "isLatest": version == "2.0.0"}},
    })
}

fn remote(name: &str, url: &str) -> Value {
    let remotes = json!([{"type": "streamable-http", "url": url}]);
    json!({"server": {"name": name, "description": "R", "version": "1.0.0", "remotes": remotes}})
}

fn list(servers: &[Value], next: Option<&str>) -> Value {
    json!({"servers": servers, "metadata": {"count": servers.len(), "nextCursor": next}})
}

async fn views_of_a_hub_are_servers_of_another() {
    let keys = json!({"alice": {"key": KEY, "views": ["some"]}});
    let views = json!({"some": {"tools": ["good__add"]}, "other": {"tools": ["good__*"]}});
    let first = Setup::pair(&[], json!({})).with("views", views).with("keys", keys).start().await;
    let second = Setup::new().environment("SOME_KEY", KEY).start().await;
    let header = "Authorization=Bearer ${HUB_KEY}";
    let run = import(&second.setup, &["--registry", &first.at(""), "--header", header]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let told = said(&run);
    assert_eq!((&told["added"], &told["written"]), (&json!(["some"]), &json!(true)), "{told}");
    let text = config(&second.setup);
    assert!(text.contains("Bearer ${SOME_KEY}") && !text.contains(KEY) && !run.stdout.contains(KEY), "{text}");
    // The second hub takes it over by itself, and calls through the first.
    second.wait_for_tool("some__good__add").await;
    let sum = second.call("some__good__add", json!({"a": 2, "b": 3})).await;
    assert!(sum.raw.contains('5'), "{}", sum.raw);
    let again = import(&second.setup, &["--registry", &first.at("/"), "--header", header]).await;
    assert_eq!((again.code, &said(&again)["unchanged"]), (Some(0), &json!(["some"])), "{again:?}");
    let own = import(&first.setup, &["--registry", &first.at(""), "--header", header]).await;
    assert_eq!((own.code, &said(&own)["error"]["code"]), (Some(2), &json!("T-0501")), "it calls itself: {own:?}");
    // Without the key there is nothing to see, and a name that the key does not open is not there.
    refused(&["--registry", &first.at("")], 7, "T-0513", "wants a credential").await;
    let hidden = ["--registry", &first.at(""), "local.tutti/other", "--header", header];
    refused(&hidden, 5, "T-0504", "no server `local.tutti/other`").await;
}

async fn servers_are_asked_for_by_name_and_version() {
    let api = Api::start(|asked: &Asked| match asked.target.as_str() {
        "/mcp/v0.1/servers/com.example%2Fweather/versions/latest" => Said::json(&weather("2.0.0")),
        "/mcp/v0.1/servers/com.example%2Fweather/versions/1.0.0%2B5" => Said::json(&weather("1.0.0+5")),
        _ => Said::json(&json!({"error": "not found"})).status(404),
    })
    .await;
    for (registry, name, version) in [
        ("/mcp", "com.example/weather", "2.0.0"),
        ("/mcp/v0.1/servers/", "com.example/weather@latest", "2.0.0"),
        ("/mcp/v0.1", "com.example/weather@1.0.0+5", "1.0.0+5"),
    ] {
        let setup = empty();
        let before = config(&setup);
        let registry = format!("{}{registry}", api.url);
        let run = import(&setup, &["--registry", &registry, name, "--dry-run"]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        let told = said(&run);
        assert_eq!((&told["added"], &told["written"]), (&json!(["weather"]), &json!(false)), "{told}");
        let difference = told["files"].to_string();
        assert!(difference.contains(&format!("@example/weather@{version}")), "{difference}");
        let notes = told["notes"].to_string();
        assert!(
            notes.contains("it wants the variable WEATHER_KEY") && notes.contains("WEATHER_KEY is not set"),
            "{notes}"
        );
        // A stranger has written that it gets this variable, and it is there.
        assert!(notes.contains("it is given the variable SOME_KEY, which is set already"), "{notes}");
        assert_eq!(config(&setup), before);
        assert_eq!(api.last().header("accept-encoding"), Some("identity"));
    }
    refused(&["--registry", &format!("{}/mcp", api.url), "com.example/weather@9"], 5, "T-0504", "of version `9`").await;
    for name in ["weather", "com.example/", "a/b/c", "com.example/weather@", "com.example/we ather", "x?y/z"] {
        refused(&["--registry", &api.url, name], 2, "T-0501", "no name of a server in a registry").await;
    }
}

async fn lists_are_read_to_their_end() {
    let api = Api::start(|asked: &Asked| {
        let (_, query) = asked.target.split_once('?').unwrap_or_default();
        Said::json(&match query {
            "limit=100&version=latest&search=we%26a" => {
                list(&[weather("2.0.0"), weather("1.0.0"), json!({"strange": true})], Some("a/b=="))
            }
            "limit=100&version=latest&search=we%26a&cursor=a%2Fb%3D%3D" => {
                let mut bundle = weather("2.0.0");
                bundle["server"]["name"] = json!("com.example/bundle");
                bundle["server"]["packages"][0]["registryType"] = json!("mcpb");
                list(&[bundle, remote("com.example/mcp", "https://mcp.example.com/mcp")], None)
            }
            _ => panic!("{query}"),
        })
    })
    .await;
    let setup = empty();
    let run = import(&setup, &["--registry", &api.url, "--search", "we&a"]).await;
    // What cannot be taken over is passed over, and the exit code tells.
    assert_eq!(run.code, Some(9), "{run:?}");
    let told = said(&run);
    assert_eq!((&told["added"], &told["skipped"]), (&json!(["weather", "example-mcp"]), &json!(["bundle"])), "{told}");
    let notes = told["notes"].to_string();
    assert!(notes.contains("`mcpb`") && notes.contains("1 entry of the list"), "{notes}");
    assert!(config(&setup).contains("@example/weather@2.0.0"), "{}", config(&setup));
    let none = Api::start(|_: &Asked| Said::json(&json!({"servers": [], "metadata": {"count": 0}}))).await;
    let run = import(&empty(), &["--registry", &none.url]).await;
    assert_eq!((run.code, &said(&run)["added"]), (Some(0), &json!([])), "{run:?}");
}

async fn documents_at_addresses_are_taken_over() {
    let api = Api::start(|asked: &Asked| match asked.path() {
        "/server.json" => Said::json(&weather("2.0.0")["server"]),
        "/moved" => Said::of("text/plain", "").status(302).header("location", "/server.json"),
        _ => Said::json(&json!({"mcpServers": {"a": {"command": "sh", "args": ["-c", "id"]}}})),
    })
    .await;
    for path in ["server.json", "moved"] {
        let setup = empty();
        let run = import(&setup, &[&format!("{}/{path}", api.url)]).await;
        assert_eq!((run.code, &said(&run)["added"]), (Some(0), &json!(["weather"])), "{run:?}");
    }
    // A file of a client may name any program, an address may not.
    refused(&[&format!("{}/mcp.json", api.url)], 3, "T-0109", "servers of an MCP registry").await;
}

async fn a84_nothing_leads_to_another_server() {
    let other = Api::start(|_: &Asked| Said::json(&list(&[weather("2.0.0")], None))).await;
    let elsewhere = other.url.clone();
    let api = Api::start(move |asked: &Asked| {
        let to = match asked.path() {
            "/away/v0.1/servers" => format!("{elsewhere}/v0.1/servers"),
            "/near/v0.1/servers" => format!("//{}/v0.1/servers", elsewhere.trim_start_matches("http://")),
            "/file/v0.1/servers" => "file:///etc/passwd".to_owned(),
            _ => asked.target.clone(),
        };
        Said::of("text/plain", "").status(302).header("location", &to)
    })
    .await;
    for (path, says) in [("away", "has moved"), ("near", "has moved"), ("file", "has moved"), ("round", "on and on")] {
        let registry = format!("{}/{path}", api.url);
        refused(&["--registry", &registry, "--header", "X-Key=${HUB_KEY}"], 7, "T-0513", says).await;
    }
    assert!(other.asked().is_empty(), "{:?}", other.asked());
    assert_eq!(api.last().header("x-key"), Some(KEY));
}

/// Here the registry is at a private address itself, so only what it says of its own kind is taken; the unit tests have
/// the others.
async fn a81_a_public_registry_names_no_private_address() {
    let api = Api::start(|_: &Asked| {
        Said::json(&list(
            &[remote("com.example/near", "http://10.0.0.1/mcp"), remote("com.example/bad", "javascript:alert(1)")],
            None,
        ))
    })
    .await;
    let setup = empty();
    let run = import(&setup, &["--registry", &api.url]).await;
    assert_eq!((run.code, &said(&run)["added"]), (Some(9), &json!(["near"])), "{run:?}");
    assert!(!config(&setup).contains("javascript"), "{}", config(&setup));
}

async fn a40_answers_and_lists_have_an_end() {
    let api = Api::start(|asked: &Asked| match asked.path() {
        "/large/v0.1/servers" => Said::of("application/json", " ".repeat(9 << 20)),
        "/deep/v0.1/servers" => Said::of("application/json", "[".repeat(100_000)),
        "/packed/v0.1/servers" => Said::of("application/json", "x").header("content-encoding", "gzip"),
        "/same/v0.1/servers" => Said::json(&list(&[], Some("again"))),
        "/long/v0.1/servers" => Said::json(&list(&[], Some(&"x".repeat(5000)))),
        "/many/v0.1/servers" => {
            let servers: Vec<Value> =
                (0..400).map(|number| remote(&format!("com.example/s{number}"), "https://a.example/mcp")).collect();
            Said::json(&list(&servers, Some(&format!("{}x", asked.target.len()))))
        }
        _ => Said::json(&list(&[], Some(&format!("{}x", asked.target.len())))),
    })
    .await;
    for (path, exit, code, says) in [
        ("large", 7, "T-0513", "larger than 8 MiB"),
        ("deep", 7, "T-0513", "none of a registry"),
        ("packed", 7, "T-0513", "compressed"),
        ("same", 7, "T-0513", "does not end"),
        ("long", 7, "T-0513", "does not end"),
        ("many", 3, "T-0108", "at most 1000"),
        ("endless", 7, "T-0513", "does not end"),
    ] {
        refused(&["--registry", &format!("{}/{path}", api.url)], exit, code, says).await;
    }
}

async fn what_is_no_registry_is_told_of() {
    let api = Api::start(|asked: &Asked| match asked.path() {
        "/text/v0.1/servers" => Said::of("text/html", "<html>"),
        "/bytes/v0.1/servers" => Said::of("application/json", vec![0xff, 0xfe]),
        "/broken/v0.1/servers" => Said::json(&json!({})).status(500),
        "/other/v0.1/servers/com.example%2Fweather/versions/latest" => {
            Said::json(&remote("com.other/weather", "https://x.example"))
        }
        "/other/v0.1/servers/com.example%2Fweather/versions/1.0.0" => Said::json(&weather("2.0.0")),
        _ => Said::json(&json!({"servers": {"a": {"command": "sh"}}})),
    })
    .await;
    let at = |path: &str| format!("{}/{path}", api.url);
    refused(&["--registry", &at("text")], 7, "T-0513", "none of a registry").await;
    refused(&["--registry", &at("bytes")], 7, "T-0513", "not UTF-8").await;
    refused(&["--registry", &at("broken")], 7, "T-0513", "HTTP status 500").await;
    refused(&["--registry", &at("map")], 3, "T-0109", "servers of an MCP registry").await;
    for name in ["com.example/weather", "com.example/weather@1.0.0"] {
        refused(&["--registry", &at("other"), name], 7, "T-0513", "another server or version").await;
    }
    refused(&["--registry", "http://127.0.0.1:1"], 7, "T-0513", "cannot be read").await;
    for registry in ["registry.example.com", "ftp://x.example", "http://me:secret@x.example", "http://"] {
        refused(&["--registry", registry], 2, "T-0501", "address of the registry").await;
    }
    refused(&["--registry", &api.url, "--header", "X-Key=${NOT_SET_ANYWHERE}"], 3, "T-0105", "NOT_SET_ANYWHERE").await;
    refused(&["--registry", &api.url, "--header", "X Key=1"], 2, "T-0501", "cannot be sent").await;
}
