use super::Waiting;
use serde_json::json;

fn lines(before: Option<&str>, after: &str) -> String {
    let said = json!({"tool": "a", "digest": "00", "why": "changed", "before": before, "after": after, "warnings": ["w\u{200b}"]});
    let lines = Waiting::of(&said).unwrap().lines();
    lines.into_iter().map(|(_, line)| line + "\n").collect()
}

#[test]
fn a_difference_is_shown_with_what_cannot_be_seen() {
    let before = json!({"name": "a", "description": "Adds.\nTwo numbers.", "inputSchema": {"type": "object"}});
    let after = json!({
        "name": "a", "description": "Adds.\nTwo numbers.\u{200b}\u{1b}[2J", "inputSchema": {"type": "object", "x": "\u{202e}"},
    });
    let expected = concat!(
        "--- a\n+++ a (as it is now)\n@@ -1,7 +1,8 @@\n name: a\n description:\n   Adds.\n-  Two numbers.\n",
        "+  Two numbers.\\u{200b}\\u{1b}[2J\n inputSchema: {\n-  \"type\": \"object\"\n+  \"type\": \"object\",\n",
        "+  \"x\": \"\\u{202e}\"\n }\nwarning: w\\u{200b}\n",
    );
    assert_eq!(lines(Some(&before.to_string()), &after.to_string()), expected);
}

#[test]
fn a_new_tool_is_shown_whole_and_long_texts_in_lines() {
    let shown = lines(None, &json!({"name": "a", "description": "word ".repeat(60)}).to_string());
    assert!(shown.starts_with("--- /dev/null\n+++ a (as it is now)\n"), "{shown}");
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
