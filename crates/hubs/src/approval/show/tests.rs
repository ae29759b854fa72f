use super::{WIDTH, Waiting, readable};
use serde_json::json;
use tools::catalogue::Kind;

fn lines(before: Option<&str>, after: &str) -> String {
    let said = json!({"tool": "a", "digest": "00", "why": "changed", "before": before, "after": after, "warnings": ["w\u{200b}"]});
    let lines = Waiting::of("s", &said).unwrap().lines(WIDTH);
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

#[test]
fn a_difference_is_shown_with_what_cannot_be_seen() {
    let before = json!({"name": "a", "description": "Adds.\nTwo numbers.", "inputSchema": {"type": "object"}});
    let after = json!({
        "name": "a", "description": "Adds.\nTwo numbers.\u{200b}\u{1b}[2J", "inputSchema": {"type": "object", "x": "\u{202e}"},
    });
    let expected = concat!(
        "--- mcp://s/a\n+++ mcp://s/a (as it is now)\n@@ -1,7 +1,8 @@\n name: a\n description:\n   Adds.\n-  Two numbers.\n",
        "+  Two numbers.\\u{200b}\\u{1b}[2J\n inputSchema: {\n-  \"type\": \"object\"\n+  \"type\": \"object\",\n",
        "+  \"x\": \"\\u{202e}\"\n }\nwarning: w\\u{200b}\n",
    );
    assert_eq!(lines(Some(&before.to_string()), &after.to_string()), expected);
}

#[test]
fn a_new_tool_is_shown_whole_and_long_texts_in_lines() {
    let shown = lines(None, &json!({"name": "a", "description": "word ".repeat(60)}).to_string());
    assert!(shown.starts_with("--- /dev/null\n+++ mcp://s/a (as it is now)\n"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 105) && shown.matches("word").count() == 60, "{shown}");
}

#[test]
fn what_readers_differ_on_is_shown_as_it_is_written() {
    let shown = lines(
        Some(r#"{"name":"a","inputSchema":{"x":"good"}}"#),
        r#"{"name":"a","inputSchema":{"x":"evil","x":"good"}}"#,
    );
    assert!(shown.contains("evil"), "{shown}");
}

#[test]
fn texts_deep_in_a_schema_are_broken_too_and_nothing_is_lost() {
    let text = format!("{} {}", "word ".repeat(60), "x".repeat(300));
    let tool = json!({"name": "a", "inputSchema": {"properties": {"b": {"description": text}}}}).to_string();
    for width in [40, 60, WIDTH] {
        let shown = readable(Kind::Tool, &tool, width);
        assert!(shown.lines().all(|line| line.chars().count() <= width + 8), "{shown}");
        let count = |what: char| shown.matches(what).count();
        assert_eq!((shown.matches("word").count(), count('x')), (60, 300), "{shown}");
    }
    let escapes = readable(Kind::Tool, &json!({"inputSchema": {"enum": ["\u{e0041}".repeat(80)]}}).to_string(), 40);
    assert!(escapes.lines().all(|line| line.chars().count() <= 48), "{escapes}");
    assert_eq!(escapes.replace(['\n', ' '], "").matches("\\u{e0041}").count(), 80, "{escapes}");
}

#[test]
fn a_renamed_tool_is_shown_with_both_names() {
    let said = json!({
        "tool": "post", "digest": "00", "why": "renamed", "renamed_from": "send", "pinned_at": "2026-01-01T00:00:00Z",
        "before": json!({"name": "send", "description": "Sends."}).to_string(),
        "after": json!({"name": "post", "description": "Sends."}).to_string(),
    });
    let lines = Waiting::of("mail", &said).unwrap().lines(WIDTH);
    let shown: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
    let expected = [
        "--- mcp://mail/send (as pinned at 2026-01-01T00:00:00Z)",
        "+++ mcp://mail/post (as it is now)",
        "@@ -1,2 +1,2 @@",
        "-name: send",
        "+name: post",
        " description: Sends.",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn h29_whatever_waits_is_shown_with_what_it_is() {
    let rows = [
        (
            json!("instructions"),
            "instructions",
            json!({"instructions": "Be kind."}),
            "mcp://s/instructions (instructions)",
        ),
        (json!("prompt"), "a", json!({"description": "Be kind."}), "mcp://s/a (prompt)"),
        (json!("resource"), "x://a", json!({"uri": "x://a", "description": "Be kind."}), "mcp://s/x://a (resource)"),
        (json!("template"), "x://{a}", json!({"description": "Be kind."}), "mcp://s/x://{a} (template)"),
        (json!(null), "a", json!({"description": "Be kind."}), "mcp://s/a"),
    ];
    for (kind, name, after, address) in rows {
        let said = json!({"kind": kind, "tool": name, "digest": "00", "why": "new", "after": after.to_string()});
        let waiting = Waiting::of("s", &said).unwrap();
        let shown: Vec<String> = waiting.lines(WIDTH).into_iter().map(|(_, line)| line).collect();
        assert_eq!(shown[1], format!("+++ {address} (as it is now)"));
        assert!(shown.iter().any(|line| line.starts_with('+') && line.ends_with(": Be kind.")), "{shown:?}");
    }
    // What a later hub tells of may be of a kind that this command cannot show.
    assert!(
        Waiting::of("s", &json!({"kind": "ghost", "tool": "a", "digest": "", "why": "new", "after": "{}"})).is_none()
    );
}
