use super::*;
use crate::{Dialect, write_request};
use conversation::item::{CacheBreakpoint, ToolResult};
use conversation::request::{Function, Role, Turn};
use proptest::prelude::*;

fn point() -> Item {
    Item::CacheBreakpoint(CacheBreakpoint::default())
}

fn turn(role: Role, texts: usize) -> Turn {
    Turn::new(role, (0..texts).flat_map(|number| [Item::text(format!("Text {number}")), point()]).collect())
}

fn request(tools: usize, system: usize, messages: usize) -> Request {
    let cache = || Some(CacheBreakpoint::default());
    let tool = |number| Function { name: format!("tool_{number}"), cache: cache(), ..Function::default() };
    Request {
        turns: vec![turn(Role::System, system), turn(Role::User, messages)],
        tools: (0..tools).map(|number| Tool::Function(Box::new(tool(number)))).collect(),
        ..Request::default()
    }
}

/// The names and texts in front of breakpoints, as Anthropic is told them.
fn written(request: &Request) -> (Vec<String>, bool) {
    let written = write_request(Dialect::Anthropic, request);
    let body: serde_json::Value = serde_json::from_str(&written.body).unwrap();
    let entries = [&body["tools"], &body["system"], &body["messages"][0]["content"]];
    let entries = entries.into_iter().filter_map(|list| list.as_array()).flatten();
    let marked = entries.filter(|entry| entry.get("cache_control").is_some());
    let names = marked.map(|entry| entry["name"].as_str().or(entry["text"].as_str()).unwrap().to_owned());
    (names.collect(), written.losses.paths().any(|path| path == "cache_breakpoint"))
}

#[test]
fn those_stay_that_hold_most() {
    for (tools, system, messages, expected, lost) in [
        (1, 1, 2, vec!["tool_0", "Text 0", "Text 0", "Text 1"], false),
        (3, 2, 5, vec!["tool_2", "Text 1", "Text 3", "Text 4"], true),
        (0, 0, 6, vec!["Text 2", "Text 3", "Text 4", "Text 5"], true),
        (6, 0, 0, vec!["tool_2", "tool_3", "tool_4", "tool_5"], true),
        (0, 3, 3, vec!["Text 2", "Text 0", "Text 1", "Text 2"], true),
    ] {
        let (names, told) = written(&request(tools, system, messages));
        assert_eq!((names.iter().map(String::as_str).collect::<Vec<_>>(), told), (expected, lost));
    }
}

#[test]
fn those_in_results_of_tools_count_too() {
    let result = ToolResult { content: vec![Item::text("18 degrees"), point()], ..ToolResult::default() };
    let mut request = request(1, 1, 2);
    request.turns[1].items.insert(0, Item::ToolResult(result));
    let mut losses = Losses::new();
    assert_eq!(all(&request).len(), 5);
    assert_eq!(all(&taken(&request, &mut losses)).len(), 4);
    assert_eq!(losses.to_string(), "cache_breakpoint");
}

proptest! {
    #[test]
    fn there_are_never_more_than_are_taken(tools in 0usize..7, system in 0usize..7, messages in 0usize..7) {
        let request = request(tools, system, messages);
        let mut losses = Losses::new();
        let limited = taken(&request, &mut losses);
        prop_assert_eq!(all(&limited).len(), MOST.min(tools + system + messages));
        prop_assert_eq!(losses.is_empty(), *limited == request);
    }
}

#[test]
fn what_is_kept_for_an_hour_stands_first() {
    let lasting =
        |ttl: &str| Item::CacheBreakpoint(CacheBreakpoint { ttl: Some(ttl.to_owned()), ..CacheBreakpoint::default() });
    let mut request = request(1, 0, 0);
    request.turns = vec![
        Turn::new(Role::User, vec![Item::text("Hi"), lasting("5m"), Item::text("So"), lasting("1h")]),
        Turn::new(Role::System, vec![Item::text("Be short"), lasting("1h")]),
    ];
    let ttls = |request: &Request| all(request).iter().map(|point| point.ttl.clone()).collect::<Vec<_>>();
    let (hour, short) = (Some("1h".to_owned()), Some("5m".to_owned()));
    let mut losses = Losses::new();
    // The tools come first, and are kept for five minutes.
    assert_eq!(ttls(&taken(&request, &mut losses)), [None, None, short.clone(), None]);
    assert_eq!(losses.to_string(), "cache_breakpoint.ttl");
    request.tools.clear();
    assert_eq!(ttls(&taken(&request, &mut Losses::new())), [hour.clone(), short, None]);
    request.turns[0].items.remove(1);
    let mut losses = Losses::new();
    assert_eq!(ttls(&taken(&request, &mut losses)), [hour.clone(), hour]);
    assert!(losses.is_empty());
}
