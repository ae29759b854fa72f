use super::{Tool, failure, json, line, timeout};
use base::Code;
use serde_json::{Map, Value, json as value};
use std::time::Duration;

fn tool(server: Option<&str>) -> Tool {
    Tool {
        address: "mcp://s/t".to_owned(),
        server: server.map(str::to_owned),
        name: "s__t".to_owned(),
        item: Map::new(),
    }
}

#[test]
fn json_is_one_line_and_holds_the_result_as_it_came() {
    let result = "{\n  \"content\": [],\n  \"big\": 12345678901234567890.10,\n  \"text\": \"a\\nb\"\n}";
    let line = json(&tool(Some("s")), result, false);
    assert_eq!(line.lines().count(), 1);
    assert!(line.contains("12345678901234567890.10"), "{line}");
    let read: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&read["tool"], &read["server"], &read["isError"]),
        (&value!("mcp://s/t"), &value!("s"), &value!(false))
    );
    assert_eq!(read["result"]["text"], "a\nb");
    let read: Value = serde_json::from_str(&json(&tool(None), "{}", true)).unwrap();
    assert_eq!((&read["server"], &read["isError"]), (&Value::Null, &value!(true)));
}

#[test]
fn a_tool_that_failed_is_an_error_with_its_own_words() {
    let result = value!({"isError": true, "content": [{"type": "text", "text": "no such \u{1b}[31mfile\n"}]});
    let error = failure(&tool(Some("s")), &result);
    assert_eq!((error.code(), error.upstream(), error.detail()), (Code::ToolFailed, Some("s"), Some("no such file")));
    assert_eq!(failure(&tool(None), &value!({})).detail(), None);
}

#[test]
fn progress_is_told_in_a_line() {
    assert_eq!(line(1.0, Some(4.0), Some("half\nway \u{1b}[2J")), "25 %  1 of 4  half way");
    assert_eq!(line(3.0, None, None), "3");
    assert_eq!(line(9.0, Some(4.0), None), "100 %  9 of 4");
    assert_eq!(line(1.0, Some(0.0), None), "1");
}

#[test]
fn a_timeout_is_a_duration() {
    assert_eq!(timeout(None).unwrap(), None);
    assert_eq!(timeout(Some("30s")).unwrap(), Some(Duration::from_secs(30)));
    for text in ["", "soon", "0", "-1s"] {
        assert_eq!(timeout(Some(text)).unwrap_err().code(), Code::Usage, "{text}");
    }
}
