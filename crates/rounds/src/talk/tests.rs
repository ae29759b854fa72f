use super::*;
use base::ports::ModelTool;
use serde_json::{Value, json};

const QUESTION: &str = r#"{"model":"r","messages":[{"role":"user","content":"Weather?"}],"tool_choice":"required","tools":[{"type":"function","function":{"name":"mine","parameters":{"type":"object"}}}]}"#;

fn small() -> Settings {
    Settings { rounds: 2, calls: 3, ..Settings::default() }
}

fn talk_of(endpoint: Endpoint, body: &str, settings: Settings) -> Talk {
    let client = dialects::read_request(endpoint.dialect(), body, Some("r"), false).unwrap();
    let tool =
        |name: &str| ModelTool { name: name.to_owned(), definition: r#"{"inputSchema":{"type":"object"}}"#.to_owned() };
    let offer = Offer::new(vec![tool("a__look"), tool("b__look")], &client);
    Talk::new((endpoint, "r"), Arc::new(client.clone()), client, (offer, settings))
}

fn talk(settings: Settings) -> Talk {
    talk_of(Endpoint::ChatCompletions, QUESTION, settings)
}

fn call(name: &str, arguments: &str) -> Item {
    let (id, arguments) = (Some(format!("call_{name}")), arguments.to_owned());
    Item::ToolCall(ToolCall { id, name: name.to_owned(), arguments, ..ToolCall::default() })
}

fn said(text: &str, calls: &[&str]) -> Answer {
    let mut items = vec![Item::text(text)];
    items.extend(calls.iter().map(|name| call(name, "{}")));
    let reason = if calls.is_empty() { Reason::Stop } else { Reason::ToolCalls };
    let usage = Usage { input: Some(10), output: Some(2), ..Usage::default() };
    Answer { items, finish: Some(Finish::new(reason)), usage: Some(usage), ..Answer::default() }
}

fn calls(talk: &mut Talk, answer: Answer) -> Vec<Call> {
    match talk.take(answer) {
        Next::Calls(calls) => calls,
        Next::Answer(answer) => panic!("it ended with {answer:?}"),
    }
}

fn end(talk: &mut Talk, answer: Answer) -> Answer {
    match talk.take(answer) {
        Next::Answer(answer) => *answer,
        Next::Calls(calls) => panic!("it calls {calls:?}"),
    }
}

fn tell(talk: &mut Talk, calls: Vec<Call>, bytes: usize) {
    let result = |call: Call| {
        let content = vec![Item::text("mild")];
        let result =
            ToolResult { id: call.id, name: Some(call.name), content, is_error: Some(false), ..ToolResult::default() };
        (result, bytes)
    };
    let results = calls.into_iter().map(result).collect();
    talk.answered(results, false, &[]);
}

fn body(talk: &mut Talk) -> Value {
    serde_json::from_str(talk.asked().unwrap().text()).unwrap()
}

#[test]
fn the_tools_stand_behind_the_clients_own() {
    let body = body(&mut talk(small()));
    let names: Vec<&Value> = body["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]["name"]).collect();
    assert_eq!(names, ["mine", "a__look", "b__look"]);
    assert_eq!(body["tool_choice"], "required");
}

#[test]
fn a_turn_goes_back_as_it_was_with_its_results_in_order() {
    let mut talk = talk(small());
    let made = calls(&mut talk, said("One moment.", &["a__look", "b__look"]));
    assert_eq!(made.iter().map(|call| call.tool.as_str()).collect::<Vec<_>>(), ["a__look", "b__look"]);
    tell(&mut talk, made, 4);
    let body = body(&mut talk);
    let messages = body["messages"].as_array().unwrap();
    assert_eq!(messages[1]["content"], "One moment.");
    assert_eq!(messages[1]["tool_calls"][1]["id"], "call_b__look");
    assert_eq!(
        (&messages[2]["tool_call_id"], &messages[3]["tool_call_id"]),
        (&json!("call_a__look"), &json!("call_b__look"))
    );
    assert_eq!(body["tool_choice"], "auto", "what had to be called was called");
    let answer = end(&mut talk, said("Mild.", &[]));
    assert_eq!(answer.items, [Item::text("One moment.\n\nMild.")]);
    let usage = answer.usage.unwrap();
    assert_eq!((usage.input, usage.output), (Some(20), Some(4)));
    assert_eq!(talk.called().header().unwrap(), "a__look, b__look");
}

#[test]
fn a_turn_with_a_call_of_the_clients_ends_with_that_alone() {
    let mut talk = talk(small());
    let mut answer = said("Both.", &["a__look", "mine"]);
    if let Some(Item::ToolCall(call)) = answer.items.get_mut(1) {
        call.signature = Some("signed".to_owned());
    }
    let answer = end(&mut talk, answer);
    let [Item::Text(_), Item::ToolCall(own)] = answer.items.as_slice() else { panic!("{answer:?}") };
    assert_eq!((own.name.as_str(), own.signature.as_deref()), ("mine", Some("signed")), "a turn keeps its signature");
    assert_eq!(answer.finish.unwrap().reason, Reason::ToolCalls);
    assert!(talk.called().header().is_none(), "nothing was run");
}

#[test]
fn a_talk_has_an_end() {
    let mut talk = talk(small());
    for round in 0..2 {
        assert_ne!(body(&mut talk)["tool_choice"], "none", "{round}");
        let made = calls(&mut talk, said("", &["a__look"]));
        tell(&mut talk, made, 4);
    }
    assert_eq!(body(&mut talk)["tool_choice"], "none", "the rounds are over");
    let answer = end(&mut talk, said("And", &["a__look"]));
    assert_eq!(answer.finish.unwrap().reason, Reason::Length, "what is not whole does not look whole");
    assert!(!answer.items.iter().any(|item| matches!(item, Item::ToolCall(_))));
}

#[test]
fn calls_and_bytes_have_a_limit() {
    let mut talk = talk(Settings { rounds: 9, ..small() });
    let made = calls(&mut talk, said("", &["a__look"; 5]));
    let fine: Vec<bool> = made.iter().map(|call| matches!(call.act, Act::Tool(_))).collect();
    assert_eq!(fine, [true, true, true, false, false]);
    let is_limit = |call: &Call| matches!(&call.act, Act::Refused(error) if error.code() == Code::ModelToolLimit);
    assert!(made.iter().skip(3).all(is_limit));
    tell(&mut talk, made, 4);
    assert_eq!(body(&mut talk)["tool_choice"], "none");

    let mut talk = self::talk(Settings { results: 100, result: 80, rounds: 9, calls: 9, ..small() });
    assert_eq!(talk.room(1), 80);
    let made = calls(&mut talk, said("", &["a__look"]));
    tell(&mut talk, made, 80);
    assert_eq!((talk.room(1), body(&mut talk)["tool_choice"].clone()), (20, json!("auto")));
    let made = calls(&mut talk, said("", &["a__look"]));
    tell(&mut talk, made, 20);
    assert_eq!((talk.room(1), body(&mut talk)["tool_choice"].clone()), (0, json!("none")));
}

#[test]
fn each_dialect_can_be_told_to_call_no_more() {
    let gemini = r#"{"contents":[{"role":"user","parts":[{"text":"Weather?"}]}],"toolConfig":{"functionCallingConfig":{"mode":"any"}}}"#;
    let ollama = r#"{"model":"r","messages":[{"role":"user","content":"Weather?"}]}"#;
    let anthropic = r#"{"model":"r","max_tokens":5,"tool_choice":{"type":"any"},"messages":[{"role":"user","content":"Weather?"}]}"#;
    let responses = r#"{"model":"r","input":"Weather?","tool_choice":"required"}"#;
    let table = [
        (Endpoint::GenerateContent, gemini, "/toolConfig/functionCallingConfig/mode", json!("AUTO"), json!("NONE")),
        (Endpoint::OllamaChat, ollama, "/tool_choice", Value::Null, Value::Null),
        (Endpoint::Messages, anthropic, "/tool_choice/type", json!("auto"), json!("none")),
        (Endpoint::Responses, responses, "/tool_choice", json!("auto"), json!("none")),
    ];
    for (endpoint, question, place, first, last) in table {
        let mut talk = talk_of(endpoint, question, small());
        for expected in [&first, &last] {
            let made = calls(&mut talk, said("Hm", &["a__look"]));
            tell(&mut talk, made, 4);
            let body = body(&mut talk);
            assert_eq!(body.pointer(place).unwrap_or(&Value::Null), expected, "{endpoint:?}: {body}");
        }
        assert_eq!(body(&mut talk).get("tools").is_some(), endpoint != Endpoint::OllamaChat, "{endpoint:?}");
    }
}

#[test]
fn calls_that_are_not_whole_are_not_made() {
    for reason in [Reason::Length, Reason::ContentFilter, Reason::Refusal, Reason::MalformedCall, Reason::Failed] {
        let mut talk = talk(small());
        let answer = Answer { finish: Some(Finish::new(reason)), ..said("", &["a__look"]) };
        assert_eq!(end(&mut talk, answer).finish.unwrap().reason, reason);
    }
    for (written, taken) in
        [("", Some("{}")), (" {\"a\":1} ", Some("{\"a\":1}")), ("[1]", None), ("{\"a\":", None), ("null", None)]
    {
        assert_eq!(arguments(written, false).ok().as_deref(), taken, "{written}");
    }
}

/// A name that nobody offered is for the hub, which knows what the client may call; it is never the client's.
#[test]
fn a28_a_tool_that_was_not_offered_is_asked_of_the_hub() {
    let mut talk = talk(small());
    let made = calls(&mut talk, said("", &["other__tool"]));
    assert_eq!(made.iter().map(|call| call.tool.as_str()).collect::<Vec<_>>(), ["other__tool"]);
}

#[test]
fn what_of_a_result_has_no_place_is_named() {
    let question = r#"{"model":"r","max_tokens":5,"messages":[{"role":"user","content":"Weather?"}]}"#;
    let mut talk = talk_of(Endpoint::Messages, question, small());
    let made = calls(&mut talk, said("Hm", &["a__look"]));
    let sound = r#"{"content":[{"type":"audio","data":"AAAA","mimeType":"audio/wav"}],"isError":true}"#;
    let call = made.into_iter().next().unwrap();
    talk.answered(vec![crate::result::told(call.id, call.name, sound, 100)], false, &[]);
    assert!(body(&mut talk)["messages"].to_string().contains("Error:"));
    let lost = talk.lost().to_string();
    assert!(lost.contains("audio") && !lost.contains("is_error"), "{lost}");
}

#[test]
fn arguments_that_are_no_object_are_refused_whatever_the_dialect() {
    use conversation::answer::Reply;
    let written = ["{\"path\": \"/tmp/x\", ", "rm -rf", "[1]", "\"x\"", "null"];
    for endpoint in [
        Endpoint::ChatCompletions,
        Endpoint::Responses,
        Endpoint::Messages,
        Endpoint::GenerateContent,
        Endpoint::OllamaChat,
    ] {
        let dialect = endpoint.dialect();
        let body = match dialect {
            Dialect::Gemini => r#"{"contents":[{"role":"user","parts":[{"text":"x"}]}]}"#,
            Dialect::OpenAiResponses => r#"{"model":"r","input":"x"}"#,
            _ => r#"{"model":"r","max_tokens":9,"messages":[{"role":"user","content":"x"}]}"#,
        };
        let mut talk = talk_of(endpoint, body, Settings::default());
        let of = |arguments: &str| Answer {
            items: vec![call("a__look", arguments)],
            finish: Some(Finish::new(Reason::ToolCalls)),
            ..Answer::default()
        };
        let mut told = |arguments: &str| {
            let reply = Reply { id: "i".to_owned(), created: 1, request: talk.client() };
            let answer = dialects::write_answer(dialect, &of(arguments), &reply).body;
            calls(&mut talk, dialects::read_answer(dialect, &answer).unwrap()).remove(0).act
        };
        for written in written {
            let act = told(written);
            assert!(
                matches!(&act, Act::Refused(error) if error.code() == Code::InvalidParams),
                "{dialect:?} {written}: {act:?}"
            );
        }
    }
}

#[test]
fn a_tool_gets_a_text_that_it_wants_under_the_name_of_arguments() {
    let tool = |definition: &str| {
        let tool = ModelTool { name: "run".to_owned(), definition: definition.to_owned() };
        Offer::new(vec![tool], &conversation::Request::default())
    };
    let wants = tool(r#"{"inputSchema":{"type":"object","properties":{"arguments":{"type":"string"}}}}"#);
    assert!(wants.takes_text("run") && !wants.takes_text("other"));
    assert!(arguments(r#"{"arguments":"-l"}"#, true).is_ok());
    let other = tool(r#"{"inputSchema":{"type":"object","properties":{"arguments":{"type":"object"}}}}"#);
    assert!(!other.takes_text("run"));
    assert!(arguments(r#"{"arguments":{"a":1}}"#, false).is_ok() && arguments(r#"{"arguments":"{}"}"#, false).is_ok());
}
