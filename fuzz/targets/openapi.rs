//! Documents of APIs, calls of their operations, and what the APIs answer.

use super::input;
use openapi::{Answer, Api, Document, Options, Request, Selection};
use serde_json::Value;

pub(crate) fn feed(data: &[u8]) {
    let Some([document, arguments, head, body]) = input::texts(data) else { return };
    let Ok(document) = Document::read("api.yaml", document) else { return };
    let Ok(selection) = Selection::new(Some(vec!["*".to_owned()]), Vec::new()) else { return };
    let source = openapi::Address::parse("https://api.example/v1/").ok();
    let Ok(api) = Api::new(&document, &Options { selection, source, ..Options::default() }) else { return };
    let _ = api.notices();
    let arguments = if mcp::raw::deeper_than(arguments, 100) { None } else { input::object(arguments) };
    let arguments = arguments.unwrap_or_default();
    for operation in &api.operations {
        assert!(operation.definition["inputSchema"].is_object(), "a tool without a schema");
        assert_eq!(api.operation(&operation.name).map(|found| &found.name), Some(&operation.name));
        if let Ok(request) = api.request(operation, &arguments, "boundary") {
            in_place(&request);
        }
    }
    if let Some(operation) = api.operations.first() {
        let result = operation.result(&answer(head, body), &arguments);
        let Ok(result) = base::json::from_text(&result) else {
            assert!(body.len() > 100, "the result is no JSON: {result}");
            return;
        };
        let well = result.get("isError").is_none_or(Value::is_boolean);
        assert!(result["content"].is_array() && well, "no result of a tool: {result}");
    }
}

/// What holds of each request, whatever the arguments: it is one request, to this path.
pub(crate) fn in_place(request: &Request) {
    let target = &request.target;
    assert!(target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{target}");
    assert!(target.parse::<http::Uri>().is_ok(), "{target} is no target");
    let path = target.split('?').next().unwrap_or_default();
    assert!(!path.split('/').any(|segment| segment == "." || segment == ".."), "{path} leads elsewhere");
    for (name, value) in &request.headers {
        assert!(http::HeaderName::from_bytes(name.as_bytes()).is_ok(), "{name:?} is no header");
        assert!(http::HeaderValue::from_str(value).is_ok(), "{value:?} is no value of {name}");
    }
}

fn answer(head: &str, body: &str) -> Answer {
    let mut lines = head.lines();
    let mut line = || lines.next().filter(|line| !line.is_empty()).map(str::to_owned);
    Answer {
        status: line().and_then(|status| status.parse().ok()).unwrap_or(200),
        content_type: line(),
        encoding: line(),
        retry_after: line(),
        location: line(),
        body: body.as_bytes().to_vec(),
    }
}
