use super::{Tool, rows};
use console::output::Output;
use serde_json::json;

fn tool(address: &str, description: &str, annotations: &serde_json::Value) -> Tool {
    let item = json!({"name": "n", "description": description, "annotations": annotations});
    let item = item.as_object().unwrap().clone();
    Tool { address: address.to_owned(), server: None, name: "n".to_owned(), item }
}

#[test]
fn a_table_fits_the_terminal_and_shows_nothing_that_a_terminal_obeys() {
    let tools = [
        tool("mcp://time/now", "Tells the time\nin every zone", &json!({"readOnlyHint": true})),
        tool("mcp://files/remove", "\u{1b}[2JRemoves a file, whatever is in it and whoever needs it", &json!({})),
        tool("mcp://files/wipe", "\u{202e}Wipes", &json!({"destructiveHint": true, "readOnlyHint": false})),
    ];
    let lines = rows(&tools, Some(70)).lines(&Output::plain());
    let expected = [
        "ADDRESS             HINT         DESCRIPTION",
        "mcp://time/now      read-only    Tells the time",
        "mcp://files/remove               Removes a file, whatever is in it an…",
        "mcp://files/wipe    destructive  Wipes",
    ];
    assert_eq!(lines, expected);
    assert!(lines.iter().all(|line| line.chars().count() <= 70));
    let whole = rows(&tools, None).lines(&Output::plain());
    assert!(whole[2].ends_with("whoever needs it"));
}
