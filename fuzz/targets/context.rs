//! Results and definitions that are said in fewer tokens, after paths that an operator wrote.

use super::input;
use context::config::{Prune, Settings};
use context::definition::{FORMS, shaped};
use context::path::Path;
use context::shape::{BESIDE, Wanted, shape, tokens};
use context::tokens::Family;
use globset::Glob;
use mcp::raw;
use serde_json::Value;

pub(crate) fn feed(data: &[u8]) {
    let (choice, rest) = input::choice(data);
    let Some([path, text]) = input::texts(rest) else { return };
    let paths: Vec<Path> = Path::read(path).into_iter().collect();
    if paths.is_empty() && !path.is_empty() {
        return;
    }
    let Some(object) = input::object(text) else { return };
    for (_, form) in FORMS {
        let shown = read(&shaped(text, form));
        assert!(shown.is_object() && shown["name"] == object.get("name").cloned().unwrap_or_default(), "{shown}");
    }
    let Ok(tools) = Glob::new("*") else { return };
    let (only, drop) = if choice & 1 == 0 { (paths, Vec::new()) } else { (Vec::new(), paths) };
    let prune = Prune { tools: tools.compile_matcher(), only, drop };
    let settings = Settings {
        limit: 100 + choice,
        tables: choice & 2 == 0,
        links: (choice & 4 == 0).then_some(16),
        prune: [prune].into(),
        ..Settings::default()
    };
    let wanted = Wanted { settings: &settings, tool: "server__tool", links: choice & 8 == 0, id: "abc" };
    let text = text.trim();
    let Some(shaped) = shape(text, &wanted) else { return };
    let shown = read(&shaped.shown);
    assert_eq!(shown["_meta"]["tutti/result"]["id"], "abc", "{shown}");
    let blocks = raw::elements(raw::get(&shaped.shown, "content").unwrap_or("[]")).count();
    let room = tokens(&shaped.shown, Family::Any).tokens + blocks.saturating_sub(1);
    assert!(room <= settings.limit + BESIDE, "{room} tokens at {}: {}", settings.limit, shaped.shown);
    if let Some(structured) = shaped.structured {
        read(&structured);
    }
    // Each link leads to the bytes of the block that it stands for.
    for (index, block) in raw::elements(raw::get(&shaped.shown, "content").unwrap_or("[]")).enumerate() {
        let address = format!("\"result://abc/{index}\"");
        // Blocks before it may have been left out.
        let is_old = raw::elements(raw::get(text, "content").unwrap_or("[]")).any(|old| old == block);
        if !is_old && raw::get(block, "uri") == Some(address.as_str()) {
            let answer = context::shape::read(text, "result://abc/0", Some(index)).map(|answer| read(&answer));
            assert!(answer.is_some_and(|answer| !answer["contents"][0]["blob"].is_null()), "{block}");
        }
    }
}

fn read(json: &str) -> Value {
    base::json::from_text(json).unwrap_or_else(|error| panic!("no JSON: {error}: {json}"))
}
