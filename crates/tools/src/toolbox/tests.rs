use super::call::unwrapped;
use super::{is_own, listed};
use crate::caller::Caller;
use crate::catalogue::{Catalogue, Item};
use crate::config::{Showing, ViewSettings};
use crate::mode::Mode;
use crate::own::OwnCall;
use crate::results::Owner;
use crate::view::{Source, View, build};
use base::Code;
use mcp::{Era, raw};
use proptest::prelude::*;
use std::sync::Arc;

fn view(mode: Mode, threshold: usize) -> View {
    let tool = |name: &str| Item { key: name.to_owned(), json: format!(r#"{{"name":"{name}","inputSchema":{{}}}}"#) };
    let catalogue = Catalogue { tools: vec![tool("read"), tool("call_tool")], ..Catalogue::default() };
    let source = Source { name: "files".to_owned(), catalogue: Arc::new(catalogue) };
    let showing = Showing { mode, threshold, ..Showing::default() };
    let settings = ViewSettings { servers: vec!["files".to_owned()], own_names: true, showing, ..Default::default() };
    build("v", &settings, &[source])
}

fn names(view: &View) -> Vec<String> {
    let listed = listed(view);
    listed.upstreams.iter().chain(&listed.own).map(|item| item.key.clone()).collect()
}

#[test]
fn what_is_listed_depends_on_the_mode() {
    assert_eq!(names(&view(Mode::All, 0)), ["read", "call_tool"]);
    assert_eq!(names(&view(Mode::Search, 1000)), ["search_tools", "describe_tools", "call_tool", "run_plan"]);
    assert_eq!(names(&view(Mode::Auto, 1000)), ["read", "call_tool"]);
    assert_eq!(names(&view(Mode::Auto, 1)), ["search_tools", "describe_tools", "call_tool", "run_plan"]);
}

#[test]
fn definitions_are_json_that_names_what_is_called() {
    let view = view(Mode::Search, 0);
    for item in listed(&view).own {
        let value: serde_json::Value = serde_json::from_str(&item.json).unwrap();
        assert_eq!(value["name"], item.key.as_str());
        assert_eq!(value["inputSchema"]["type"], "object");
        assert!(value["description"].as_str().unwrap().len() < 600, "{}", item.key);
    }
}

#[test]
fn own_tools_go_first_where_they_are_shown_and_last_where_they_may_have_been() {
    let table = [
        (Mode::All, 0, [false, false, false]),
        (Mode::Search, 0, [true, true, false]),
        (Mode::Auto, 1, [true, true, false]),
        // Nothing hides what is listed.
        (Mode::Auto, 1000, [true, false, false]),
    ];
    for (mode, threshold, expected) in table {
        let view = view(mode, threshold);
        let is = |name: &str| is_own(&view, &format!(r#"{{"name":"{name}"}}"#));
        assert_eq!([is("describe_tools"), is("call_tool"), is("read")], expected, "{mode:?} {threshold}");
    }
}

fn call(params: &str) -> OwnCall {
    let caller = Caller {
        era: Era::Legacy,
        version: "",
        number: 1,
        capabilities: "{}".into(),
        level: None,
        headers: Default::default(),
        principal: "local".into(),
        owner: Owner::Session(1),
        session: None,
        toll: None,
    };
    OwnCall { view: Arc::default(), params: params.to_owned(), caller }
}

#[test]
fn call_inside_is_the_one_that_the_client_would_have_made() {
    for (params, inner) in [
        (
            r#"{"name":"call_tool","arguments":{"name":"a","arguments":{"x":1.0}},"_meta":{"progressToken":1}}"#,
            r#"{"name":"a","arguments":{"x":1.0},"_meta":{"progressToken":1}}"#,
        ),
        (
            r#"{"requestState":"s", "arguments":{"arguments":{"name":"b"},"name":"\u0061"},"name":"call_tool","task":{}}"#,
            r#"{"requestState":"s", "arguments":{"name":"b"},"name":"\u0061","task":{}}"#,
        ),
        (r#"{"name":"call_tool","arguments":{"name":"a"}}"#, r#"{"name":"a","arguments":{}}"#),
        (r#"{"name":"call_tool","arguments":{"name":"a","arguments":null}}"#, r#"{"name":"a","arguments":{}}"#),
    ] {
        assert_eq!(unwrapped(&call(params)).unwrap(), inner);
    }
    for arguments in ["[]", "{}", r#"{"name":1}"#, r#"{"name":"a","arguments":1}"#, r#"{"name":"a","b":1}"#] {
        let params = format!(r#"{{"name":"call_tool","arguments":{arguments}}}"#);
        assert_eq!(unwrapped(&call(&params)).unwrap_err().code(), Code::InvalidParams, "{arguments}");
    }
    assert_eq!(unwrapped(&call(r#"{"name":"call_tool"}"#)).unwrap_err().code(), Code::InvalidParams);
}

proptest! {
    #[test]
    fn any_arguments_reach_the_call_inside_as_they_are(text in "[ -~é世]{0,40}", number in any::<f64>()) {
        let number = serde_json::Number::from_f64(number).map_or("0".to_owned(), |number| number.to_string());
        let inner = format!("{{\"t\":{},\"name\":[{number}, {{}}]}}", raw::quote(&text));
        let outer = format!("{{\"name\":{},\"arguments\":{inner}}}", raw::quote(&text));
        let made = unwrapped(&call(&format!("{{\"name\":\"call_tool\",\"arguments\":{outer}}}"))).unwrap();
        prop_assert_eq!(raw::get(&made, "arguments"), Some(inner.as_str()));
        let name = raw::get(&made, "name").and_then(raw::text).map(|name| name.into_owned());
        prop_assert_eq!(name, Some(text));
    }
}
