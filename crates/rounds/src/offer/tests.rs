use super::*;
use conversation::Dialect;
use conversation::item::Opaque;
use proptest::prelude::*;

fn tool(name: &str) -> ModelTool {
    let definition =
        format!(r#"{{"name":{},"description":"Does \"it\".","inputSchema":{{"type":"object"}}}}"#, raw::quote(name));
    ModelTool { name: name.to_owned(), definition }
}

fn own(names: &[&str]) -> Request {
    let function = |name: &&str| Tool::Function(Box::new(Function { name: (*name).to_owned(), ..Function::default() }));
    Request { tools: names.iter().map(function).collect(), ..Request::default() }
}

fn names(offer: &Offer) -> Vec<&str> {
    offer.functions.iter().map(|function| function.name.as_str()).collect()
}

#[test]
fn definitions_go_on_as_they_are_listed() {
    let offer = Offer::new(vec![tool("good__add")], &own(&[]));
    let function = &offer.functions[0];
    assert_eq!(function.description.as_deref(), Some(r#"Does "it"."#));
    assert_eq!(function.parameters.as_ref().unwrap().as_str(), NO_ARGUMENTS);
    let bare = ModelTool { name: "bare".to_owned(), definition: r#"{"name":"bare","inputSchema":true}"#.to_owned() };
    let offer = Offer::new(vec![bare], &own(&[]));
    assert_eq!(offer.functions[0].parameters.as_ref().unwrap().as_str(), NO_ARGUMENTS);
    let schema = r#"{"type":"object","anyOf":[{"properties":{"a":{"type":"array"}}},{"required":["b"]}]}"#;
    let formed =
        ModelTool { name: "forms".to_owned(), definition: format!(r#"{{"name":"forms","inputSchema":{schema}}}"#) };
    let offer = Offer::new(vec![formed], &own(&[]));
    let expected = r#"{"type":"object","properties":{"a":{"type":"array","items":{}}}}"#;
    assert_eq!(offer.functions[0].parameters.as_ref().unwrap().as_str(), expected);
}

/// A tool that bears the name of a client's own never gets its calls, nor the other way round.
#[test]
fn a37_a_name_that_is_taken_stays_with_the_client() {
    let offer = Offer::new(vec![tool("send"), tool("tutti_send"), tool("send")], &own(&["send"]));
    assert_eq!(names(&offer), ["tutti_send", "tutti_tutti_send", "tutti_tutti_tutti_send"]);
    assert!(offer.is_clients("send"));
    assert_eq!(offer.in_view("tutti_send"), "send");
    assert_eq!(offer.in_view("tutti_tutti_send"), "tutti_send");
}

#[test]
fn tools_that_only_a_dialect_knows_are_the_clients_too() {
    let opaque = |raw: &str| Tool::Opaque(Opaque::new(Dialect::Anthropic, "kind", Raw::parse(raw).unwrap()));
    let tools = vec![
        opaque(r#"{"type":"bash_20250124","name":"bash"}"#),
        opaque(r#"{"type":"custom","custom":{"name":"own"}}"#),
    ];
    let offer = Offer::new(vec![tool("bash")], &Request { tools, ..Request::default() });
    assert!(offer.is_clients("bash") && offer.is_clients("own"));
    assert_eq!(names(&offer), ["tutti_bash"]);
}

proptest! {
    /// Whatever tools are called: each has a name of its own that every provider takes, and is found by it.
    #[test]
    fn names_are_taken_by_every_provider(own_names in prop::collection::vec("[a-z_]{1,4}", 0..4), tools in prop::collection::vec(".{1,90}", 0..8)) {
        let own_names: Vec<&str> = own_names.iter().map(String::as_str).collect();
        let offer = Offer::new(tools.iter().map(|name| tool(name)).collect(), &own(&own_names));
        let mut seen: HashSet<&str> = own_names.iter().copied().collect();
        for (name, tool) in names(&offer).into_iter().zip(&tools) {
            prop_assert!(seen.insert(name));
            prop_assert!(name.len() <= LONGEST && !name.starts_with(|first: char| first.is_ascii_digit() || first == '-'));
            prop_assert!(name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-')));
            prop_assert_eq!(offer.in_view(name), tool.as_str());
        }
    }
}
