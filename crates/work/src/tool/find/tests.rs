use super::{Address, found};
use base::Code;
use serde_json::{Value, json};

fn servers() -> Value {
    let broken = json!({"code": "T-0201", "message": "`broken` cannot be started", "next": "install it"});
    json!({
        "servers": [
            {"name": "time", "state": "ready", "error": null},
            {"name": "broken", "state": "refused", "error": broken},
            {"name": "off", "state": "disabled", "error": null},
        ],
        "faults": [],
    })
}

fn items() -> Vec<Value> {
    vec![
        json!({"name": "time__get_current_time", "description": "\n\nThe time", "inputSchema": {}, "extra": 1}),
        json!({"name": "time__convert_time", "title": "Convert", "annotations": {"readOnlyHint": true}}),
        json!({"name": "renamed", "annotations": {"destructiveHint": true}}),
    ]
}

#[test]
fn tools_get_an_address_and_keep_what_their_server_said() {
    let found = found(&servers(), items());
    let addresses: Vec<&str> = found.tools.iter().map(|tool| tool.address.as_str()).collect();
    assert_eq!(addresses, ["mcp://time/get_current_time", "mcp://time/convert_time", "renamed"]);
    let json = found.tools[0].to_json();
    assert_eq!(json["server"], "time");
    assert_eq!(json["name"], "time__get_current_time");
    assert_eq!(json["extra"], 1);
    assert_eq!(found.tools[2].to_json()["server"], Value::Null);
    assert_eq!(found.tools[1].description(), "Convert");
    assert_eq!(found.tools[1].hints(), ["read-only"]);
    assert_eq!(found.tools[2].hints(), ["destructive"]);
    let out: Vec<bool> = found.servers.iter().map(super::Server::is_out).collect();
    assert_eq!(out, [false, true, false]);
}

#[test]
fn a_tool_that_is_not_there_is_answered_with_what_helps() {
    let found = found(&servers(), items());
    let cases = [
        ("mcp://time/get_curent_time", Code::UnknownTool, "did you mean mcp://time/get_current_time?"),
        ("mcp://time/zzz", Code::UnknownTool, "mcp://time/convert_time"),
        ("get_current_tim", Code::UnknownTool, "did you mean mcp://time/get_current_time?"),
        ("zzz", Code::UnknownTool, "tutti tool list"),
        ("mcp://tine/get_current_time", Code::ServerUnknown, "did you mean `time`?"),
        ("mcp://nothing/like/it", Code::ServerUnknown, "time, broken, off"),
        ("mcp://broken/anything", Code::UpstreamNotStarted, "install it"),
        ("mcp://off/anything", Code::UpstreamDisabled, "enabled: false"),
    ];
    for (text, code, next) in cases {
        let address = Address::parse(text).unwrap();
        assert!(found.pick(&address).is_none(), "{text}");
        let error = found.missing(&address);
        assert_eq!(error.code(), code, "{text}: {error}");
        assert!(error.next().contains(next), "{text}: {error}");
    }
    for text in ["time/convert_time", "time__convert_time", "renamed"] {
        assert!(found.pick(&Address::parse(text).unwrap()).is_some(), "{text}");
    }
}
