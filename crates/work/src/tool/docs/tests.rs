use super::pages;
use crate::tool::find::Tool;
use serde_json::{Value, json};

fn tool(server: Option<&str>, name: &str, item: Value) -> Tool {
    let Value::Object(item) = item else { panic!("an object") };
    let address = server.map_or_else(|| name.to_owned(), |server| format!("mcp://{server}/{name}"));
    let name = server.map_or_else(|| name.to_owned(), |server| format!("{server}__{name}"));
    Tool { address, server: server.map(str::to_owned), name, item }
}

#[test]
fn a_page_tells_all_of_a_tool() {
    let item = json!({
        "title": "Send", "description": "Sends it.\n\n<img src=x onerror=alert(1)>", "annotations": {"readOnlyHint": false},
        "inputSchema": {
            "properties": {
                "to": {"type": "array", "items": {"type": "string"}, "description": "Who | what"},
                "how": {"enum": ["fast", "`slow`"], "default": "fast"},
                "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            },
            "required": ["to"],
        },
        "outputSchema": {"type": "object"},
    });
    let tools = [tool(Some("b"), "x", json!({})), tool(Some("a"), "send", item), tool(None, "own", json!({}))];
    let made = pages(&tools.iter().collect::<Vec<_>>());
    let files: Vec<&str> = made.iter().map(|page| page.file.as_str()).collect();
    assert_eq!(files, ["_other.md", "a.md", "b.md"]);
    let expected = r#"# a

## a\_\_send

`mcp://a/send`

Send

Sends it.

\<img src\=x onerror\=alert(1)\>

Its server says: `readOnlyHint` is false.

| argument | type | required | default | meaning |
|---|---|---|---|---|
| `to` | list of string | yes |  | Who \| what |
| `how` | one of `"fast"`, ``"`slow`"`` | no | `"fast"` |  |
| `size` | integer or null | no |  |  |

Result:

```json
{
  "type": "object"
}
```
"#;
    assert_eq!(made[1].text, expected);
    assert!(made[2].text.ends_with("It takes no arguments.\n"), "{}", made[2].text);
}

#[test]
fn the_order_of_a_list_does_not_count() {
    let one = [tool(Some("a"), "x", json!({})), tool(Some("a"), "y", json!({}))];
    let forth: Vec<&Tool> = one.iter().collect();
    let back: Vec<&Tool> = one.iter().rev().collect();
    assert_eq!(pages(&forth)[0].text, pages(&back)[0].text);
}
