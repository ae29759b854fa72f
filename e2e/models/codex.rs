//! Codex, which speaks Responses: its kinds of tools at models of another maker, and OpenAI behind these.

use super::mixed::{CLAUDE, SIGNATURE, ask, claude_says, claude_that_says, setup};
use super::provider::{Provider, json as whole};
use super::wire::Wire;
use crate::harness::trials;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("models::codex":
        goes_on_with_openai_behind_claude,
        calls_tools_of_namespaces_through_claude,
    )
}

/// The output of an answer of Responses as Codex sends it back.
fn as_codex_sends(text: &str, stream: bool) -> Vec<Value> {
    let last = text.lines().filter_map(|line| line.strip_prefix("data: ")).next_back();
    let answer: Value = serde_json::from_str(last.filter(|_| stream).unwrap_or(text)).expect("it is JSON");
    let response = if stream { &answer["response"] } else { &answer };
    let mut items: Vec<Value> = response["output"].as_array().expect("it is a list").clone();
    for item in &mut items {
        let item = item.as_object_mut().expect("it is an object");
        item.remove("id");
        item.remove("status");
        if item["type"] == "reasoning" {
            item.insert("encrypted_content".to_owned(), Value::Null);
        }
    }
    items
}

async fn goes_on_with_openai_behind_claude() {
    let patch = "*** Begin Patch\n+say(\"hi\")\n";
    let one = claude_that_says(json!([
        {"type": "thinking", "thinking": "I should patch.", "signature": SIGNATURE},
        {"type": "tool_use", "id": "toolu_1", "name": "apply_patch", "input": {"input": patch}},
    ]))
    .await;
    let other = Provider::start(|_| {
        whole(r#"{"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"model":"m","output":[]}"#)
    })
    .await;
    let hub =
        setup(&[(Wire::Anthropic.provider(&one.url), CLAUDE), (Wire::Responses.provider(&other.url), "gpt-5-codex")])
            .start()
            .await;
    for stream in [false, true] {
        let mut body = json!({"model": format!("p0/{CLAUDE}"), "stream": stream, "store": false, "reasoning": {"effort": "medium"},
            "include": ["reasoning.encrypted_content"], "input": [{"role": "user", "content": "Patch it"}],
            "tools": [{"type": "custom", "name": "apply_patch", "description": "Patches", "format": {"type": "text"}}]});
        let text = ask(&hub, Wire::Responses, "", stream, &body).await.text();
        assert_eq!(one.last().json()["tools"][0]["input_schema"]["required"], json!(["input"]));
        let items = as_codex_sends(&text, stream);
        assert_eq!(
            (items.len(), &items[1]["type"], &items[1]["input"]),
            (2, &json!("custom_tool_call"), &json!(patch))
        );
        let input = body["input"].as_array_mut().expect("it is a list");
        input.extend(items);
        input.push(json!({"type": "custom_tool_call_output", "call_id": "toolu_1", "output": "Done"}));
        // Claude has its thoughts back, and what came of its call.
        ask(&hub, Wire::Responses, "", stream, &body).await;
        let messages = one.last().json()["messages"].clone();
        assert_eq!(messages[1]["content"][0]["signature"], SIGNATURE);
        assert_eq!(messages[1]["content"][1]["input"], json!({"input": patch}));
        assert_eq!(messages[2]["content"][0]["content"], "Done");
        // OpenAI gets no thoughts that it cannot read, and all else as it was.
        body["model"] = json!("p1/gpt-5-codex");
        body["stream"] = json!(false);
        let got = ask(&hub, Wire::Responses, "", false, &body).await;
        assert_eq!(got.header("x-tutti-lost"), Some("reasoning"));
        let mut expected = body.clone();
        expected["model"] = json!("gpt-5-codex");
        expected["input"].as_array_mut().expect("it is a list").remove(1);
        assert_eq!(other.last().json(), expected);
    }
}

/// Claude is offered each tool of a namespace as one of its own, and Codex gets its call with both names apart; OpenAI behind it
/// gets what Codex has sent.
async fn calls_tools_of_namespaces_through_claude() {
    let one = Provider::start(|asked| {
        let body = asked.json();
        let call =
            json!({"type": "tool_use", "id": "toolu_1", "name": body["tools"][1]["name"], "input": {"title": "a"}});
        claude_says(asked, &json!([call]))
    })
    .await;
    let other =
        Provider::start(|_| whole(r#"{"id":"resp_1","object":"response","status":"completed","output":[]}"#)).await;
    let hub =
        setup(&[(Wire::Anthropic.provider(&one.url), CLAUDE), (Wire::Responses.provider(&other.url), "gpt-5-codex")])
            .start()
            .await;
    // Claude takes no more than 128 characters.
    let (usual, long) = ("mcp__github__".to_owned(), format!("mcp__{}", "g".repeat(140)));
    for (namespace, stream) in [(&usual, false), (&usual, true), (&long, false), (&long, true)] {
        let shell = json!({"type": "function", "name": "shell", "strict": false, "parameters": {"type": "object"}});
        let issue = json!({"type": "function", "name": "add_issue", "strict": false, "parameters": {"type": "object"}});
        let mut body = json!({"model": format!("p0/{CLAUDE}"), "stream": stream, "store": false,
            "input": [{"role": "user", "content": "Open an issue"}],
            "tools": [shell, {"type": "namespace", "name": namespace, "description": "Issues", "tools": [issue]}]});
        let got = ask(&hub, Wire::Responses, "", stream, &body).await;
        let lost = (namespace == &long).then_some("tools[1].name");
        assert_eq!(got.header("x-tutti-lost"), lost);
        let items = as_codex_sends(&got.text(), stream);
        let call = json!({"type": "function_call", "call_id": "toolu_1", "namespace": namespace, "name": "add_issue",
            "arguments": r#"{"title":"a"}"#});
        assert_eq!(items, [call]);
        let begun = got.text().lines().any(|line| {
            line.contains("response.output_item.added")
                && line.contains(r#""name":"add_issue""#)
                && line.contains(&format!(r#""namespace":"{namespace}""#))
        });
        assert_eq!(begun, stream, "{}", got.text());
        let input = body["input"].as_array_mut().expect("it is a list");
        input.extend(items);
        input.push(json!({"type": "function_call_output", "call_id": "toolu_1", "output": "#1"}));
        ask(&hub, Wire::Responses, "", stream, &body).await;
        let asked = one.last().json();
        let name = &asked["tools"][1]["name"];
        assert_eq!(&asked["messages"][1]["content"][0]["name"], name);
        assert_eq!(name == "mcp__github__add_issue", namespace == &usual, "{name}");
        body["model"] = json!("p1/gpt-5-codex");
        body["stream"] = json!(false);
        let got = ask(&hub, Wire::Responses, "", false, &body).await;
        assert_eq!(got.header("x-tutti-lost"), None);
        body["model"] = json!("gpt-5-codex");
        assert_eq!(other.last().json(), body);
    }
}
