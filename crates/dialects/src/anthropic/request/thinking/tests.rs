use super::*;
use conversation::extra::Extra;
use conversation::item::{Item, Reasoning, ToolCall, ToolResult};
use conversation::request::{ToolChoice, Turn};

#[test]
fn models_before_4_6_take_a_budget() {
    let budget = [
        "claude-3-7-sonnet-20250219",
        "claude-sonnet-4-20250514",
        "claude-opus-4-1",
        "claude-sonnet-4-5-20250929",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "anthropic/claude-sonnet-4.5",
        "kimi-k2",
        "glm-4.6",
    ];
    let adaptive =
        ["claude-opus-4-6", "claude-opus-4-7", "anthropic/claude-sonnet-4.6", "claude-opus-5", "claude-mythos-preview"];
    for model in budget {
        assert!(takes_budget(model), "{model}");
    }
    for model in adaptive {
        assert!(!takes_budget(model), "{model}");
    }
}

/// What is written of thinking, effort and the most tokens, and what is lost.
fn plan(model: &str, max_tokens: Option<u64>, thinking: Thinking) -> (String, String, String, String) {
    let request = Request {
        model: model.to_owned(),
        max_tokens: max_tokens.map(Number::from),
        thinking: Some(thinking),
        ..Request::default()
    };
    told(&request)
}

fn told(request: &Request) -> (String, String, String, String) {
    let mut losses = Losses::new();
    let plan = Plan::of(request, &mut losses);
    let thinking = plan.thinking.map_or(String::new(), ObjectWriter::finish);
    let most = plan.max_tokens.map_or(String::new(), |number| number.as_str().to_owned());
    (thinking, plan.effort.unwrap_or_default(), most, losses.to_string())
}

fn effort(word: &str) -> Thinking {
    Thinking { effort: Some(word.to_owned()), ..Thinking::default() }
}

fn tokens(number: u64) -> Thinking {
    Thinking { budget: Some(Number::from(number)), ..Thinking::default() }
}

#[test]
fn thinking_is_said_as_the_model_takes_it() {
    let (old, new) = ("claude-sonnet-4-5", "claude-opus-4-7");
    let table = [
        (old, None, effort("none"), r#"{"type":"disabled"}"#, "", "8192", ""),
        (old, None, effort("low"), r#"{"type":"enabled","budget_tokens":2048}"#, "", "10240", ""),
        (old, None, effort("max"), r#"{"type":"enabled","budget_tokens":23808}"#, "", "32000", ""),
        (old, None, effort("unheard-of"), r#"{"type":"enabled","budget_tokens":8192}"#, "", "16384", ""),
        (old, Some(4001), effort("high"), r#"{"type":"enabled","budget_tokens":3000}"#, "", "4001", ""),
        (old, Some(1024), effort("high"), "", "", "1024", "thinking"),
        (old, Some(2000), tokens(64), r#"{"type":"enabled","budget_tokens":1024}"#, "", "2000", "thinking.budget"),
        (old, Some(2000), tokens(9000), r#"{"type":"enabled","budget_tokens":1999}"#, "", "2000", "thinking.budget"),
        (old, None, tokens(50_000), r#"{"type":"enabled","budget_tokens":50000}"#, "", "58192", ""),
        (new, None, effort("minimal"), r#"{"type":"adaptive"}"#, "low", "8192", ""),
        (new, Some(100), effort("xhigh"), r#"{"type":"adaptive"}"#, "xhigh", "100", ""),
        (new, None, tokens(9000), r#"{"type":"adaptive"}"#, "high", "8192", "thinking.budget"),
        (new, None, Thinking::default(), "", "", "8192", ""),
    ];
    for (model, most, thinking, object, word, tokens, lost) in table {
        let told = plan(model, most, thinking.clone());
        assert_eq!(told, (object.into(), word.into(), tokens.into(), lost.into()), "{model} {most:?} {thinking:?}");
    }
    let shown = Thinking { shown: Some(Shown::Summary("detailed".into())), ..Thinking::default() };
    let (object, _, _, lost) = plan(new, None, shown);
    assert_eq!((object.as_str(), lost.as_str()), (r#"{"type":"adaptive","display":"summarized"}"#, "thinking.summary"));
}

#[test]
fn thinking_gives_way_where_tools_matter_more() {
    let thinking = Some(effort("low"));
    let call = Item::ToolCall(ToolCall { name: "f".into(), ..ToolCall::default() });
    let answered = Item::ToolResult(ToolResult::default());
    let signed =
        Item::Reasoning(Reasoning { signature: Some("s".into()), extra: Extra::new(OWN), ..Reasoning::default() });
    let of = |model: &str, items: Vec<Item>| Request {
        model: model.to_owned(),
        thinking: thinking.clone(),
        turns: vec![Turn::new(Role::Assistant, items), Turn::new(Role::Tool, vec![answered.clone()])],
        ..Request::default()
    };
    let unthought = of("claude-sonnet-4-5", vec![call.clone()]);
    assert_eq!(told(&unthought).3, "thinking");
    assert_eq!(told(&of("claude-sonnet-4-5", vec![signed, call.clone()])).3, "");
    assert_eq!(told(&of("claude-opus-4-7", vec![call])).3, "");
    let mut over = unthought;
    over.turns.push(Turn::new(Role::Assistant, vec![Item::text("Done.")]));
    over.turns.push(Turn::new(Role::User, vec![Item::text("More?")]));
    assert_eq!(told(&over).3, "");
    over.tool_choice = Some(ToolChoice::Required);
    assert_eq!(told(&over).3, "thinking");
}
