use super::{Tool, lines, wrap};
use console::output::Output;
use serde_json::json;

#[test]
fn the_help_of_a_tool_has_all_that_a_call_needs() {
    let item = json!({
        "name": "weather__get",
        "description": "Tells the weather\u{1b}[2J of a place that is named, for now or for later, as far as it is known.",
        "annotations": {"readOnlyHint": true},
        "inputSchema": {
            "properties": {
                "unit": {"enum": ["celsius", "kelvin"], "default": "celsius"},
                "city": {"type": "string", "description": "Where\u{202e}"},
                "days": {"type": "integer", "minimum": 1, "maximum": 7},
                "tags": {"type": "array", "items": {"type": "string"}},
                "verbose": {"type": "boolean"},
            },
            "required": ["city"],
        },
    });
    let tool = Tool {
        address: "mcp://weather/get".to_owned(),
        server: Some("weather".to_owned()),
        name: "weather__get".to_owned(),
        item: item.as_object().unwrap().clone(),
    };
    let expected = "\
mcp://weather/get
read-only, as its server says
Tells the weather of a place that is
named, for now or for later, as far as
it is known.

  tutti tool call mcp://weather/get --city TEXT [FLAGS]

  --city TEXT  (required)
      Where
  --unit TEXT
      one of: celsius, kelvin
      default: celsius
  --days INTEGER
      from 1 to 7
  --tags TEXT,…

  --verbose
";
    let shown: Vec<String> = lines(&Output::plain(), &tool, 40);
    let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    assert_eq!(shown, expected);
}

#[test]
fn lines_are_wrapped_at_words_and_keep_their_indent() {
    assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    assert_eq!(wrap("  one two three", 9), ["  one two", "  three"]);
    assert_eq!(wrap("unbreakable", 4), ["unbreakable"]);
    assert_eq!(wrap("", 4), [""]);
    assert_eq!(wrap("a b", 0), ["a", "b"]);
}
