//! Long results are shortened where the view says so, and nothing of them is lost.

use super::inside;
use crate::harness::{Client, Era, Hub, Reply, Setup, trials_of_both_eras};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials_of_both_eras!("modes::context":
        h31_long_result_is_shortened_and_read_to_its_end,
        h13_plain_clients_get_results_as_they_are,
        a31_shortened_result_of_another_client_is_not_read,
        h31_parts_tables_and_links_are_read_to_their_end,
        h31_long_results_of_other_forms_are_cut_and_read,
        definitions_are_listed_in_fewer_words,
    )
}

async fn hub() -> Hub {
    let views = json!({"short": {"context": {"limit": 200, "keep": "1m"}}});
    Setup::pair(&[], json!({})).with("views", views).ready().await
}

async fn client_at(hub: &Hub, era: Era, path: &str) -> Client {
    Client::of(era, &hub.at(path)).await
}

fn text() -> String {
    (0..600).map(|number| format!("line {number}: Grüße, 世界\n")).collect()
}

fn long() -> Value {
    json!({"content": [{"type": "text", "text": text()}], "structuredContent": {"lines": text()}, "x-vendor": [1.5]})
}

fn id_of(reply: &Reply) -> String {
    let id = reply.result()["_meta"]["tutti/result"]["id"].as_str();
    id.unwrap_or_else(|| panic!("it is shortened: {:.500}", reply.raw)).to_owned()
}

/// All of a result, read piece by piece.
async fn read(client: &Client, id: &str, part: &str) -> String {
    let (mut all, mut from) = (String::new(), 0);
    for _ in 0..200 {
        let reply = client.call("read_result", json!({"id": id, "from": from, "part": part})).await;
        let (piece, place) = reply.text().rsplit_once("\n[bytes ").expect("the place is said");
        all.push_str(piece);
        match place.split_once("go on with from: ") {
            Some((_, next)) => from = next.trim_end_matches(']').parse().expect("a number"),
            None => return all,
        }
    }
    panic!("no end: {all:.500}")
}

async fn h31_long_result_is_shortened_and_read_to_its_end(era: Era) {
    let hub = hub().await;
    let client = client_at(&hub, era, "/mcp/short").await;
    let names = client.tool_names().await;
    assert_eq!(names.last().map(String::as_str), Some("read_result"), "{names:?}");
    for params in [
        json!({"name": "faulty__answer", "arguments": {"result": long()}}),
        inside("faulty__answer", &json!({"result": long()})),
    ] {
        let through = params["name"] == "call_tool";
        let client = if through { client_at(&hub, era, "/mcp/short?mode=search").await } else { client.clone() };
        let reply = client.request("tools/call", params).await;
        let shown = reply.text();
        assert!(shown.len() < 2000 && shown.starts_with("line 0:") && shown.ends_with("世界\n"), "{shown}");
        assert_eq!(reply.result()["x-vendor"], json!([1.5]));
        assert!(reply.result().get("structuredContent").is_none(), "it says the same again");
        let told = &reply.result()["_meta"]["tutti/tokens"];
        let (all, seen) = (told["all"].as_u64().unwrap(), told["shown"].as_u64().unwrap());
        assert!(all > 5000 && seen < 400 && told["saved"] == all - seen && told["family"] == "any", "{told}");
        let id = id_of(&reply);
        assert_eq!(read(&client, &id, "text").await, text());
        assert_eq!(read(&client, &id, "structured").await, long()["structuredContent"].to_string());
        let found = client.call("read_result", json!({"id": id, "find": "LINE 417:"})).await;
        let (place, around) = found.text().split_once(": ").unwrap();
        assert!(
            around.contains("line 417:") && text()[place.parse().unwrap()..].starts_with("line 417:"),
            "{}",
            found.raw
        );
        let uri = reply.result()["_meta"]["tutti/result"]["uri"].clone();
        let whole = client.request("resources/read", json!({"uri": uri})).await;
        let whole: Value = serde_json::from_str(whole.result()["contents"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&whole["content"], &whole["structuredContent"]),
            (&long()["content"], &long()["structuredContent"])
        );
        for arguments in [
            json!({}),
            json!({"id": id, "from": -1}),
            json!({"id": id, "tokens": 20_001}),
            json!({"id": id, "part": "all"}),
            json!({"id": id, "to": 1}),
        ] {
            client.call("read_result", arguments).await.assert_code(&["T-0304"]);
        }
    }
    let short = client.call("faulty__echo", json!({"message": "short"})).await;
    assert!(short.result().get("structuredContent").is_some() || short.text().contains("short"), "{}", short.raw);
    assert!(short.result()["_meta"].get("tutti/result").is_none(), "{}", short.raw);
}

async fn h13_plain_clients_get_results_as_they_are(era: Era) {
    let hub = hub().await;
    let call = json!({"name": "faulty__answer", "arguments": {"result": long()}});
    for path in ["/mcp", "/mcp/short?context=plain", "/mcp/short?mode=all&context=plain"] {
        let client = client_at(&hub, era, path).await;
        let reply = client.request("tools/call", call.clone()).await;
        assert_eq!(
            (reply.text(), &reply.result()["structuredContent"]),
            (text().as_str(), &long()["structuredContent"]),
            "{path}"
        );
        assert!(!client.tool_names().await.contains(&"read_result".to_owned()), "{path}");
    }
}

async fn a31_shortened_result_of_another_client_is_not_read(era: Era) {
    let hub = hub().await;
    let client = client_at(&hub, Era::Legacy, "/mcp/short").await;
    let id =
        id_of(&client.request("tools/call", json!({"name": "faulty__answer", "arguments": {"result": long()}})).await);
    let other = client_at(&hub, era, "/mcp/short").await;
    for id in [id.as_str(), "0123456789abcdef0123456789abcdef", ""] {
        other.call("read_result", json!({"id": id})).await.assert_code(&["T-0307"]);
        other.request("resources/read", json!({"uri": format!("result://{id}")})).await.assert_code(&["T-0307"]);
    }
    client.call("read_result", json!({"id": id})).await.result();
}

async fn h31_parts_tables_and_links_are_read_to_their_end(era: Era) {
    let prune = json!({"faulty__*": {"drop": ["$.people[*].html"]}});
    let views = json!({"short": {"context": {"tables": true, "links": "1KiB", "prune": prune}}});
    let hub = Setup::pair(&[], json!({})).with("views", views).ready().await;
    let client = client_at(&hub, era, "/mcp/short").await;
    let people: Vec<Value> =
        (0..50).map(|number| json!({"number": number, "name": "a person", "html": "<b>of no use</b>"})).collect();
    let image = "QUJD".repeat(2000);
    let result = json!({
        "content": [
            {"type": "text", "text": json!({"people": people, "total": 50}).to_string()},
            {"type": "image", "data": image, "mimeType": "image/png"},
        ],
        "structuredContent": {"people": people, "total": 50},
    });
    let call = json!({"name": "faulty__answer", "arguments": {"result": result}});
    let reply = client.request("tools/call", call.clone()).await;
    let shown = reply.text();
    assert!(shown.starts_with("{\"total\":50}\npeople, 50 rows:\n") && shown.contains("\n49,a person\n"), "{shown}");
    assert!(!reply.raw.contains("of no use") && !reply.raw.contains(&image), "{}", reply.raw);
    let link = &reply.result()["content"][1];
    assert_eq!((&link["type"], &link["mimeType"]), (&json!("resource_link"), &json!("image/png")), "{link}");
    let read_back = client.request("resources/read", json!({"uri": link["uri"]})).await;
    assert_eq!(read_back.result()["contents"][0]["blob"], image.as_str(), "{}", read_back.raw);
    let whole: Value = serde_json::from_str(&read(&client, &id_of(&reply), "whole").await).unwrap();
    assert_eq!(
        (&whole["content"], &whole["structuredContent"]),
        (&result["content"], &result["structuredContent"]),
        "nothing is lost"
    );
    for strange in ["9", "x", "-1", "1/1"] {
        let uri = format!("result://{}/{strange}", id_of(&reply));
        client.request("resources/read", json!({"uri": uri})).await.assert_code(&["T-0307"]);
    }
    let other = client_at(&hub, era, "/mcp/short").await;
    if era == Era::Legacy {
        other.request("resources/read", json!({"uri": link["uri"]})).await.assert_code(&["T-0307"]);
    }
    let plain = client_at(&hub, era, "/mcp/short?context=plain").await;
    let reply = plain.request("tools/call", call).await;
    assert_eq!(reply.result()["content"], result["content"], "{:.500}", reply.raw);
}

async fn h31_long_results_of_other_forms_are_cut_and_read(era: Era) {
    let hub = hub().await;
    let client = client_at(&hub, era, "/mcp/short").await;
    let rows: Value = (0..900).map(|number| json!({"number": number})).collect();
    let file = json!({"type": "resource", "resource": {"uri": "x://y", "mimeType": "text/plain", "text": text()}});
    let many: Vec<Value> = (0..3000).map(|number| json!({"type": "text", "text": format!("word {number}")})).collect();
    for (result, part, all) in [
        (json!({"content": [], "structuredContent": {"rows": rows}}), "structured", json!({"rows": rows}).to_string()),
        (json!({"content": [file]}), "text", text()),
        (json!({"content": many}), "text", (0..3000).map(|number| format!("word {number}\n")).collect()),
    ] {
        let reply =
            client.request("tools/call", json!({"name": "faulty__answer", "arguments": {"result": result}})).await;
        assert!(reply.raw.len() < 10_000, "{} bytes: {:.3000}", reply.raw.len(), reply.raw);
        let content = reply.result()["content"].as_array().expect("a list");
        let texts = content.iter().flat_map(|block| [&block["text"], &block["resource"]["text"]]);
        let texts: Vec<&str> = texts.filter_map(Value::as_str).collect();
        let id = id_of(&reply);
        assert!(texts.iter().any(|text| text.contains(&format!("read_result with the id {id}"))), "{texts:?}");
        assert_eq!(read(&client, &id, part).await.trim_end(), all.trim_end());
    }
}

async fn definitions_are_listed_in_fewer_words(era: Era) {
    let tools = json!([{
        "name": "echo", "description": "Echoes a thing that is far away. It takes a while.",
        "inputSchema": {"type": "object", "title": "Arguments", "properties": {
            "title": {"type": "string", "title": "Title", "description": "What it is called"},
        }},
        "outputSchema": {"type": "object"},
    }]);
    let views = json!({
        "brief": {"context": {"definitions": "brief"}}, "minified": {"context": {"definitions": "minified"}},
    });
    let setup = Setup::new().with("views", views);
    crate::harness::replace(&setup.path("tools.json"), &tools.to_string());
    let flags = ["--tools-file", &setup.path_text("tools.json")];
    let hub = setup.fixture("far", &flags, json!({})).ready().await;
    let first = async |path: &str| {
        let reply = client_at(&hub, era, path).await.request("tools/list", json!({})).await;
        reply.result()["tools"][0].clone()
    };
    let minified = first("/mcp/minified").await;
    let title = json!({"type": "string", "description": "What it is called"});
    assert_eq!(minified["inputSchema"], json!({"type": "object", "properties": {"title": title}}), "{minified}");
    assert_eq!((&minified["description"], &minified["outputSchema"]), (&tools[0]["description"], &Value::Null));
    let brief = first("/mcp/brief").await;
    assert_eq!(brief["inputSchema"]["properties"]["title"], json!({"type": "string"}), "{brief}");
    assert_eq!(brief["description"], "Echoes a thing that is far away.");
    let client = client_at(&hub, era, "/mcp/brief").await;
    let described = client.call("describe_tools", json!({"names": [brief["name"]]})).await;
    let whole: Value = serde_json::from_str(described.text()).unwrap();
    for (member, value) in tools[0].as_object().unwrap().iter().filter(|(member, _)| *member != "name") {
        assert_eq!(&whole["tools"][0][member], value, "{whole}");
    }
    assert_eq!(first("/mcp/brief?context=plain").await["inputSchema"], tools[0]["inputSchema"]);
}
