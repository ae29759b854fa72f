use super::*;
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::item::{Item, Media, MediaKind, Reasoning, Source, ToolCall, ToolResult};
use conversation::json::Number;
use conversation::request::{Function, Sampling, ThinkingMode, Tool, ToolChoice};
use serde_json::Value;

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
/// One that takes no budget.
const LATER: &str = "global.anthropic.claude-opus-4-7";

fn call(id: &str, name: &str, arguments: &str) -> Item {
    let (id, name, arguments) = (Some(id.to_owned()), name.to_owned(), arguments.to_owned());
    Item::ToolCall(ToolCall { id, name, arguments, ..ToolCall::default() })
}

fn result(id: &str, text: &str) -> Item {
    let content = vec![Item::text(text)];
    Item::ToolResult(ToolResult { id: Some(id.to_owned()), content, ..ToolResult::default() })
}

/// What stands under `member` when `request` is written, and what is lost.
fn written(request: &Request, member: &str) -> (Option<Value>, String) {
    let written = write_request(request);
    let mut body: Value = serde_json::from_str(&written.body).unwrap();
    (body.as_object_mut().unwrap().remove(member), written.losses.to_string())
}

/// The value that `text` is; none of no text.
fn value(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| serde_json::from_str(text).unwrap())
}

#[test]
fn turns_are_put_together_and_results_are_said_by_the_user() {
    let turns = vec![
        Turn::new(Role::System, vec![Item::text("Be short.")]),
        Turn::new(Role::User, vec![Item::text("Go.")]),
        Turn::new(Role::Assistant, vec![Item::text(" "), call("a:1", "my.tool", r#"{"x": 1.0}"#)]),
        Turn::new(Role::Assistant, vec![call("b", "g", "")]),
        Turn::new(Role::Tool, vec![result("b", "second")]),
        Turn::new(Role::Tool, vec![result("a:1", "first")]),
        Turn::new(Role::User, vec![Item::text("Well?")]),
        Turn::new(Role::Developer, vec![Item::text("Now in French.")]),
    ];
    let request = Request { turns, ..Request::default() };
    let (messages, losses) = written(&request, "messages");
    let (id, tool) =
        (conversation::ids::fit("a:1", 64).into_owned(), conversation::ids::fit("my.tool", 64).into_owned());
    let expected = format!(
        r#"[{{"role":"user","content":[{{"text":"Go."}}]}},
        {{"role":"assistant","content":[{{"toolUse":{{"toolUseId":"{id}","name":"{tool}","input":{{"x":1.0}}}}}},
            {{"toolUse":{{"toolUseId":"b","name":"g","input":{{}}}}}}]}},
        {{"role":"user","content":[{{"toolResult":{{"toolUseId":"b","content":[{{"text":"second"}}]}}}},
            {{"toolResult":{{"toolUseId":"{id}","content":[{{"text":"first"}}]}}}},{{"text":"Well?"}}]}}]"#
    );
    assert_eq!(messages, value(&expected));
    assert_eq!(losses, "tool_call.name, message.role");
    assert_eq!(written(&request, "system").0, value(r#"[{"text":"Be short."},{"text":"Now in French."}]"#));
    // Where tools were called there must be tools.
    let any = r#"{"json":{"type":"object","properties":{}}}"#;
    let specs = [tool.as_str(), "g"].map(|name| format!(r#"{{"toolSpec":{{"name":"{name}","inputSchema":{any}}}}}"#));
    assert_eq!(written(&request, "toolConfig").0, value(&format!(r#"{{"tools":[{}]}}"#, specs.join(","))));
}

#[test]
fn thoughts_go_to_a_model_only_if_it_takes_them() {
    let thought = |signature: Option<&str>, encrypted: Option<&str>, dialect| {
        let (signature, encrypted) = (signature.map(str::to_owned), encrypted.map(str::to_owned));
        let text = if encrypted.is_some() { String::new() } else { "Hm.".to_owned() };
        Reasoning { text, signature, encrypted, extra: Extra::new(dialect), ..Reasoning::default() }
    };
    let signed = r#"{"reasoningContent":{"reasoningText":{"text":"Hm.","signature":"s"}}},"#;
    let plain = r#"{"reasoningContent":{"reasoningText":{"text":"Hm."}}},"#;
    let hidden = r#"{"reasoningContent":{"redactedContent":"e"}},"#;
    let cases = [
        (CLAUDE, thought(Some("s"), None, Dialect::Anthropic), signed, ""),
        (CLAUDE, thought(None, None, Dialect::OpenAiChat), "", "reasoning"),
        ("deepseek.r1-v1:0", thought(None, None, Dialect::OpenAiChat), plain, ""),
        (CLAUDE, thought(None, Some("e"), Dialect::Anthropic), hidden, ""),
        (CLAUDE, thought(None, Some("e"), Dialect::OpenAiResponses), "", "reasoning.encrypted"),
    ];
    for (model, reasoning, block, lost) in cases {
        let turns = vec![Turn::new(Role::Assistant, vec![Item::Reasoning(reasoning), Item::text("So.")])];
        let request = Request { model: model.to_owned(), turns, ..Request::default() };
        let expected = format!(r#"[{{"role":"assistant","content":[{block}{{"text":"So."}}]}}]"#);
        assert_eq!(written(&request, "messages"), (value(&expected), lost.to_owned()), "{model} {block}");
    }
}

#[test]
fn thinking_is_said_in_the_fields_of_the_model() {
    let effort = |word: &str| Thinking { effort: Some(word.to_owned()), ..Thinking::default() };
    let budget = |tokens| Thinking { budget: Some(Number::from(tokens)), ..Thinking::default() };
    let enabled = |tokens| format!(r#"{{"thinking":{{"type":"enabled","budget_tokens":{tokens}}}}}"#);
    let adaptive = Thinking { mode: Some(ThinkingMode::Adaptive), ..effort("max") };
    let of_anthropic = Thinking { extra: Extra::new(Dialect::Anthropic), ..effort("low") };
    let on = Thinking { mode: Some(ThinkingMode::On), ..Thinking::default() };
    let cases = [
        (CLAUDE, None, effort("high"), enabled(23_808), ""),
        (CLAUDE, Some(4000), effort("high"), enabled(2997), ""),
        (CLAUDE, Some(1000), effort("high"), String::new(), "thinking"),
        (CLAUDE, None, budget(5), enabled(1024), ""),
        (CLAUDE, None, on, enabled(8192), ""),
        (CLAUDE, None, adaptive.clone(), enabled(23_808), ""),
        (
            LATER,
            None,
            budget(5000),
            r#"{"output_config":{"effort":"medium"},"thinking":{"type":"adaptive"}}"#.to_owned(),
            "thinking.budget",
        ),
        (LATER, None, adaptive, r#"{"output_config":{"effort":"max"},"thinking":{"type":"adaptive"}}"#.to_owned(), ""),
        (CLAUDE, Some(1000), of_anthropic, r#"{"output_config":{"effort":"low"}}"#.to_owned(), ""),
        (CLAUDE, None, effort("none"), r#"{"thinking":{"type":"disabled"}}"#.to_owned(), ""),
        ("openai.gpt-oss-120b-1:0", None, effort("low"), r#"{"reasoning_effort":"low"}"#.to_owned(), ""),
        ("openai.gpt-oss-120b-1:0", None, budget(1), r#"{"reasoning_effort":"minimal"}"#.to_owned(), "thinking.budget"),
        ("amazon.nova-pro-v1:0", None, effort("low"), String::new(), "thinking"),
        ("amazon.nova-pro-v1:0", None, effort("none"), String::new(), ""),
    ];
    for (model, most, thinking, fields, lost) in cases {
        let (model, max_tokens, thinking) = (model.to_owned(), most.map(Number::from), Some(thinking));
        let request = Request { model, max_tokens, thinking, ..Request::default() };
        let expected = (value(&fields), lost.to_owned());
        assert_eq!(written(&request, "additionalModelRequestFields"), expected, "{:?}", request.thinking);
    }
}

#[test]
fn media_need_formats_and_documents_names() {
    let media = |kind, source, media_type: &str, name: Option<&str>| {
        let (media_type, name) = (Some(media_type.to_owned()), name.map(str::to_owned));
        Item::Media(Media { kind, source, media_type, name, extra: Extra::default() })
    };
    let bytes = || Source::Base64("AAAA".to_owned());
    let items = vec![
        media(MediaKind::Image, bytes(), "image/jpg", None),
        media(MediaKind::Image, Source::Url("https://example.com/a.png".to_owned()), "image/png", None),
        media(MediaKind::Document, bytes(), "application/pdf", Some("a.pdf")),
        media(MediaKind::Document, Source::Text("Words.".to_owned()), "text/plain", None),
        media(MediaKind::Document, bytes(), "application/zip", None),
        media(MediaKind::Video, Source::Url("s3://bucket/v.mp4".to_owned()), "video/mp4", None),
    ];
    let request = Request { turns: vec![Turn::new(Role::User, items)], ..Request::default() };
    let expected = r#"[{"role":"user","content":[
        {"image":{"format":"jpeg","source":{"bytes":"AAAA"}}},
        {"document":{"format":"pdf","name":"a-pdf","source":{"bytes":"AAAA"}}},
        {"document":{"format":"txt","name":"document","source":{"text":"Words."}}},
        {"video":{"format":"mp4","source":{"s3Location":{"uri":"s3://bucket/v.mp4"}}}}]}]"#;
    assert_eq!(written(&request, "messages"), (value(expected), "media.image, media.document".to_owned()));
}

#[test]
fn a_choice_without_tools_and_none_are_said_by_what_is_left_out() {
    let tool = |name: &str| Tool::Function(Box::new(Function { name: name.to_owned(), ..Function::default() }));
    let spec = r#"{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}"#;
    let cases = [
        (vec![tool("f")], ToolChoice::Required, format!(r#"{{"tools":[{spec}],"toolChoice":{{"any":{{}}}}}}"#)),
        (vec![tool("f")], ToolChoice::None, String::new()),
        (vec![], ToolChoice::Auto, String::new()),
        (
            vec![tool("f"), tool("g")],
            ToolChoice::Allowed { names: vec!["f".to_owned()], required: false },
            format!(r#"{{"tools":[{spec}],"toolChoice":{{"auto":{{}}}}}}"#),
        ),
    ];
    for (tools, choice, config) in cases {
        let request = Request { tools, tool_choice: Some(choice), ..Request::default() };
        assert_eq!(written(&request, "toolConfig"), (value(&config), String::new()), "{:?}", request.tool_choice);
    }
}

#[test]
fn metadata_go_along_if_the_service_takes_them() {
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(257));
    for (metadata, taken) in
        [(r#"{"team":"a b"}"#, true), (r#"{"n":1}"#, false), (r#"{"a":"<"}"#, false), (&long, false)]
    {
        let request = Request { metadata: Some(Raw::parse(metadata).unwrap()), ..Request::default() };
        let lost = if taken { "" } else { "metadata" };
        assert_eq!(written(&request, "requestMetadata"), (value(metadata).filter(|_| taken), lost.to_owned()));
    }
}

#[test]
fn results_whose_calls_are_gone_are_said_as_texts() {
    let turns =
        vec![Turn::new(Role::User, vec![Item::text("Run it.")]), Turn::new(Role::Tool, vec![result("gone", "1")])];
    let (messages, losses) = written(&Request { turns, ..Request::default() }, "messages");
    assert_eq!(messages, value(r#"[{"role":"user","content":[{"text":"Run it."},{"text":"1"}]}]"#));
    assert_eq!(losses, "tool_result.id");
}

#[test]
fn models_of_anthropic_take_temperature_or_top_p() {
    let cases = [
        (CLAUDE, true, r#"{"temperature":0.2}"#, "top_p"),
        (CLAUDE, false, r#"{"topP":0.5}"#, ""),
        ("amazon.nova-pro-v1:0", true, r#"{"temperature":0.2,"topP":0.5}"#, ""),
    ];
    for (model, is_warm, config, lost) in cases {
        let temperature = Number::parse("0.2").filter(|_| is_warm);
        let sampling = Sampling { temperature, top_p: Number::parse("0.5"), ..Sampling::default() };
        let request = Request { model: model.to_owned(), sampling, ..Request::default() };
        assert_eq!(written(&request, "inferenceConfig"), (value(config), lost.to_owned()), "{model}");
    }
}

#[test]
fn claude_thinks_only_where_it_would_not_refuse_that() {
    let thinking = Some(Thinking { effort: Some("low".to_owned()), ..Thinking::default() });
    let sampling = Sampling {
        temperature: Number::parse("0.2"),
        top_p: Number::parse("0.99"),
        top_k: Number::parse("5"),
        ..Sampling::default()
    };
    let said = |text: &str| vec![Turn::new(Role::User, vec![Item::text(text)])];
    let asked = Request {
        model: CLAUDE.to_owned(),
        max_tokens: Some(Number::from(5000)),
        turns: said("Hi"),
        thinking,
        sampling,
        ..Request::default()
    };
    let config = |request: &Request| written(request, "inferenceConfig");
    let fields = |request: &Request| written(request, "additionalModelRequestFields").0;
    let lost = "temperature, top_k".to_owned();
    assert_eq!(config(&asked), (value(r#"{"maxTokens":5000,"topP":0.99}"#), lost));
    assert_eq!(fields(&asked), value(r#"{"thinking":{"type":"enabled","budget_tokens":2048}}"#));
    // Where nobody says how many tokens there may be, thoughts and answer have room.
    let open = Request { max_tokens: None, sampling: Sampling::default(), ..asked.clone() };
    assert_eq!(config(&open), (value(r#"{"maxTokens":10240}"#), String::new()));
    // Neither does it think where it must call a tool, …
    let tools = vec![Tool::Function(Box::new(Function { name: "f".to_owned(), ..Function::default() }))];
    let forced = Request { tools, tool_choice: Some(ToolChoice::Required), ..asked.clone() };
    let kept = (value(r#"{"maxTokens":5000,"temperature":0.2}"#), "thinking, top_p".to_owned());
    assert_eq!((config(&forced), fields(&forced)), (kept, value(r#"{"top_k":5}"#)));
    // … nor in a loop of tools whose thoughts are not there, or not signed.
    for signature in [None, Some(""), Some("c2ln")] {
        let signature = signature.map(str::to_owned);
        let thought =
            Item::Reasoning(Reasoning { text: "Hm".to_owned(), signature: signature.clone(), ..Reasoning::default() });
        let mut turns = said("Hi");
        turns.push(Turn::new(Role::Assistant, vec![thought, call("c", "f", "{}")]));
        turns.push(Turn::new(Role::Tool, vec![result("c", "7")]));
        let thinks = fields(&Request { turns, ..asked.clone() }).is_some_and(|fields| fields.get("thinking").is_some());
        assert_eq!(thinks, signature.as_deref() == Some("c2ln"), "{signature:?}");
    }
}
