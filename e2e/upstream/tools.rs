//! What the tools look like in the list.

use super::outlet::VENDOR_PLACE;
use serde_json::{Value, json};

/// Name, description, properties of the arguments.
const TOOLS: [(&str, &str, &str); 30] = [
    ("add", "Adds two numbers.", r#"{"a": {"type": "number"}, "b": {"type": "number"}}"#),
    (
        "hold",
        "Answers after release, or when a file appears.",
        r#"{"name": {"type": "string"}, "file": {"type": "string"}}"#,
    ),
    (
        "release",
        "Lets hold calls of this name answer.",
        r#"{"name": {"type": "string"}, "times": {"type": "integer"}}"#,
    ),
    (
        "await_hold",
        "Answers when a hold call of this name waits.",
        r#"{"name": {"type": "string"}, "count": {"type": "integer"}}"#,
    ),
    (
        "progress",
        "Reports progress; waits before the last step if `hold` names something.",
        r#"{"steps": {"type": "integer"}, "label": {"type": "string"}, "hold": {"type": "string"}, "pause_ms": {"type": "integer"}}"#,
    ),
    ("log", "Sends a log message.", r#"{"level": {"type": "string"}, "text": {"type": "string"}}"#),
    ("cancelled", "Tells which calls were cancelled, once there are so many.", r#"{"at_least": {"type": "integer"}}"#),
    (
        "ask",
        "Sends a request to the client and gives back its answer.",
        r#"{"method": {"type": "string"}, "params": {"type": "object"}}"#,
    ),
    ("touch", "Says that a resource was updated.", r#"{"uri": {"type": "string"}}"#),
    ("change_tools", "Adds the tool `extra`, or removes it.", "{}"),
    ("fail", "Answers with a tool error.", r#"{"text": {"type": "string"}}"#),
    (
        "error",
        "Answers with a JSON-RPC error.",
        r#"{"code": {"type": "integer"}, "message": {"type": "string"}, "data": {}}"#,
    ),
    ("answer", "Answers with the wanted result, whatever it is.", r#"{"result": {}}"#),
    ("kinds", "Answers with content of every kind, also an unknown one.", "{}"),
    (
        "exit",
        "Ends the process without an answer, or after it.",
        r#"{"code": {"type": "integer"}, "answer": {"type": "boolean"}}"#,
    ),
    ("die", "Aborts the process in the middle of the call.", "{}"),
    ("hang", "Never answers.", "{}"),
    ("garbage", "Writes what is no message, then answers.", "{}"),
    ("huge", "Answers with one line of many megabytes.", r#"{"megabytes": {"type": "integer"}}"#),
    ("wrong_id", "Answers with an id that nobody used.", "{}"),
    (
        "nameless_error",
        "Never answers; sends an error without an id when a file appears, and makes another file.",
        r#"{"file": {"type": "string"}}"#,
    ),
    ("twice", "Answers twice.", "{}"),
    ("hang_up", "Closes the connection without an answer.", "{}"),
    ("forget", "Forgets all HTTP sessions.", "{}"),
    (
        "fork",
        "Starts a grandchild that ignores SIGTERM.",
        r#"{"file": {"type": "string"}, "daemonise": {"type": "boolean"}}"#,
    ),
    ("environment", "Gives the whole environment.", "{}"),
    ("whoami", "Gives ids, folder and arguments of the process.", "{}"),
    ("stderr", "Writes a line to standard error.", r#"{"text": {"type": "string"}, "times": {"type": "integer"}}"#),
    ("flaky", FLAKY, FLAKY_PROPERTIES),
    ("secret", "Is called only by those who may.", "{}"),
];

const FLAKY: &str = "Fails the first calls of a key, or a share of them, in the wanted way.";

const FLAKY_PROPERTIES: &str = r#"{"key": {"type": "string"}, "fail": {"type": "integer"}, "share": {"type": "number"}, "how": {"type": "string"}, "code": {"type": "integer"}, "status": {"type": "integer"}, "retry_after": {"type": "string"}, "echo": {}}"#;

/// The flaky tool with a hint.
fn flaky(name: &str, hint: &str) -> Value {
    let mut tool = plain(name, FLAKY);
    tool["inputSchema"]["properties"] = serde_json::from_str(FLAKY_PROPERTIES).expect("the text is JSON");
    tool["annotations"] = json!({hint: true});
    tool
}

/// All built-in tools in the order of the list.
pub(crate) fn definitions() -> Vec<Value> {
    let simple = TOOLS.iter().map(|(name, description, properties)| {
        let mut tool = plain(name, description);
        tool["inputSchema"]["properties"] = serde_json::from_str(properties).expect("the table holds JSON");
        tool
    });
    let hinted = [flaky("flaky_read", "readOnlyHint"), flaky("flaky_put", "idempotentHint")];
    std::iter::once(echo()).chain(simple).chain(hinted).collect()
}

pub(crate) fn plain(name: &str, description: &str) -> Value {
    json!({"name": name, "description": description, "inputSchema": {"type": "object"}})
}

/// The tool with every field that some version of the protocol has, and one that none has.
fn echo() -> Value {
    json!({
        "name": "echo", "title": "Écho", "description": "Says it again.\n\nEven 日本語.",
        "inputSchema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "properties": {"message": {"type": "string", "minLength": 0, "x-hint": [1, 2]}}, "required": ["message"],
            "$defs": {"unused": {"anyOf": [{"type": "null"}, {"const": 1.5}]}}, "additionalProperties": true,
        },
        "outputSchema": {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]},
        "annotations": {"readOnlyHint": true, "x-annotation": "kept"},
        "icons": [{"src": "data:image/png;base64,AAAA", "mimeType": "image/png", "sizes": ["48x48"]}],
        "execution": {"taskSupport": "forbidden"},
        "_meta": {"com.example/key": {"deep": [null, true]}, "anthropic/maxResultSizeChars": 400_000},
        "x-vendor": VENDOR_PLACE,
    })
}
