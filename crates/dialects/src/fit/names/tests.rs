use super::*;
use conversation::item::{ToolCall, ToolResult};
use conversation::request::{Function, Role, Turn};

const LONG: &str = "mcp__plugin_atlassian_jira_cloud__search_for_issues_with_a_jql_query";

fn request(name: &str) -> Request {
    let function = Function { name: name.to_owned(), ..Function::default() };
    let call = Item::ToolCall(ToolCall { name: name.to_owned(), ..ToolCall::default() });
    let result = Item::ToolResult(ToolResult { name: Some(name.to_owned()), ..ToolResult::default() });
    Request {
        tools: vec![Tool::Function(Box::new(function))],
        tool_choice: Some(ToolChoice::Function(name.to_owned())),
        turns: vec![Turn::new(Role::Assistant, vec![call]), Turn::new(Role::Tool, vec![result])],
        ..Request::default()
    }
}

#[test]
fn a_name_is_the_same_wherever_it_stands_and_comes_back() {
    for (dialect, own) in [
        (Dialect::OpenAiChat, LONG),
        (Dialect::OpenAiResponses, "files.read"),
        (Dialect::Anthropic, "files.read"),
        (Dialect::Gemini, "3d_model"),
        (Dialect::Gemini, LONG),
        (Dialect::Bedrock, "files/read"),
    ] {
        let (mut request, mut losses) = (request(own), Losses::new());
        let names = Names::fit(dialect, &mut request, &mut losses);
        let Some(Tool::Function(function)) = request.tools.first() else { panic!("{own}") };
        let told = function.name.clone();
        assert_ne!(told, own);
        assert!(taken(dialect, &told).is_none(), "{told} is taken as it is");
        assert_eq!(request.tool_choice, Some(ToolChoice::Function(told.clone())));
        let mut items: Vec<Item> = request.turns.into_iter().flat_map(|turn| turn.items).collect();
        assert!(matches!(&items[1], Item::ToolResult(result) if result.name.as_ref() == Some(&told)));
        assert!(matches!(&items[0], Item::ToolCall(call) if call.name == told));
        names.put_back(&mut items[0]);
        assert!(matches!(&items[0], Item::ToolCall(call) if call.name == own));
        assert_eq!(losses.to_string(), "tools[0].name");
    }
}

#[test]
fn a_name_that_is_taken_stays() {
    for (dialect, own) in [
        (Dialect::OpenAiChat, "files_read"),
        (Dialect::Anthropic, LONG),
        (Dialect::Gemini, "files.read:all"),
        (Dialect::Ollama, "files/read, or write"),
    ] {
        let (mut fitted, mut losses) = (request(own), Losses::new());
        assert_eq!(Names::fit(dialect, &mut fitted, &mut losses), Names::default());
        assert_eq!((fitted, losses.is_empty()), (request(own), true));
    }
}

#[test]
fn names_that_differ_stay_apart() {
    let ends = ["a", "b"].map(|end| taken(Dialect::OpenAiChat, &format!("{LONG}_{end}")));
    assert_ne!(ends[0], ends[1]);
}
