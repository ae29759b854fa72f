use super::*;

fn function(name: &str, parameters: Option<&str>) -> Tool {
    let parameters = parameters.map(|text| Raw::parse(text).unwrap());
    Tool::Function(Box::new(Function { name: name.to_owned(), parameters, ..Function::default() }))
}

fn written(request: &Request) -> (String, String) {
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    write(request, &mut out, &mut losses);
    (out.finish(), losses.to_string())
}

#[test]
fn schemas_say_that_they_describe_an_object() {
    let table = [
        (None, r#"{"type":"object","properties":{}}"#, ""),
        (Some("{}"), r#"{"type":"object"}"#, ""),
        (Some(r#"{"properties":{"a":{}}}"#), r#"{"type":"object","properties":{"a":{}}}"#, ""),
        (Some(r#"{"type":"object", "x":1}"#), r#"{"type":"object", "x":1}"#, ""),
        (Some("true"), r#"{"type":"object","properties":{}}"#, "tools[0].parameters"),
    ];
    for (parameters, schema, lost) in table {
        let request = Request { tools: vec![function("f", parameters)], ..Request::default() };
        assert_eq!(
            written(&request),
            (format!(r#"{{"tools":[{{"name":"f","input_schema":{schema}}}]}}"#), lost.into())
        );
    }
}

#[test]
fn choices_of_other_dialects_become_the_nearest() {
    let allowed = |names: &[&str], required| ToolChoice::Allowed {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        required,
    };
    let table = [
        (None, None, "", ""),
        (None, Some(true), "", ""),
        (None, Some(false), r#"{"type":"auto","disable_parallel_tool_use":true}"#, ""),
        (Some(ToolChoice::None), Some(false), r#"{"type":"none"}"#, ""),
        (Some(ToolChoice::Required), Some(true), r#"{"type":"any"}"#, ""),
        (
            Some(ToolChoice::Function("f".into())),
            Some(false),
            r#"{"type":"tool","name":"f","disable_parallel_tool_use":true}"#,
            "",
        ),
        (Some(allowed(&["f"], true)), None, r#"{"type":"tool","name":"f"}"#, ""),
        (Some(allowed(&["f", "g"], true)), None, r#"{"type":"any"}"#, "tool_choice"),
        (Some(allowed(&["f"], false)), None, r#"{"type":"auto"}"#, "tool_choice"),
    ];
    for (tool_choice, parallel_tool_calls, choice, lost) in table {
        let tools = vec![function("f", None)];
        let request = Request { tools, tool_choice, parallel_tool_calls, ..Request::default() };
        let (body, losses) = written(&request);
        let read = Object::read(&body).unwrap().raw("tool_choice").unwrap_or_default().to_owned();
        assert_eq!((read.as_str(), losses.as_str()), (choice, lost), "{request:?}");
    }
}

#[test]
fn a_choice_without_tools_is_not_said() {
    let with = |tool_choice| Request { tool_choice: Some(tool_choice), ..Request::default() };
    assert_eq!(written(&with(ToolChoice::Auto)), ("{}".into(), String::new()));
    assert_eq!(written(&with(ToolChoice::Required)), ("{}".into(), "tool_choice".into()));
}
