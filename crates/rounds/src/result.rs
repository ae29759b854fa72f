//! Results of tools as models are told them. Pure.

use base::Error;
use conversation::Extra;
use conversation::item::{Item, Media, MediaKind, Source, ToolResult};
use mcp::raw;

/// What a model is told of a result that says nothing: some providers refuse results without a word.
const NOTHING: &str = "(no output)";

/// How a model is told that a call failed.
const FAILED: &str = "Error: ";

/// What came of a call, with at most `limit` bytes, and how many bytes it has. `result` is that of the protocol, raw JSON.
pub(super) fn told(id: Option<String>, name: String, result: &str, limit: usize) -> (ToolResult, usize) {
    let mut content = Content { items: Vec::new(), left: limit, cut: 0 };
    let parts = raw::get(result, "content").unwrap_or("[]");
    raw::elements(parts).for_each(|part| content.add(part));
    if content.items.is_empty() && content.cut == 0 {
        match raw::get(result, "structuredContent").filter(|value| *value != "null") {
            Some(value) => content.text(value),
            None => content.text(NOTHING),
        }
    }
    let used = limit - content.left;
    if content.cut > 0 {
        content.items.push(Item::text(format!("[{} more bytes of this result were left out]", content.cut)));
    }
    let is_error = raw::get(result, "isError") == Some("true");
    (answer(id, name, content.items, is_error), used)
}

/// What was kept and is given back, and how many bytes it has.
pub(super) fn again(id: Option<String>, name: String, text: String) -> (ToolResult, usize) {
    let bytes = text.len();
    (answer(id, name, vec![Item::text(text)], false), bytes)
}

/// What a model is told of a call that was not made, or came to nothing.
pub(super) fn refused(id: Option<String>, name: String, error: &Error) -> ToolResult {
    let text = format!("{} ({}). Next: {}", error.message(), error.code().id(), error.next());
    answer(id, name, vec![Item::text(text)], true)
}

fn answer(id: Option<String>, name: String, mut content: Vec<Item>, is_error: bool) -> ToolResult {
    if is_error {
        // Most dialects have no other place for it.
        match content.first_mut() {
            Some(Item::Text(text)) => text.text.insert_str(0, FAILED),
            _ => content.insert(0, Item::text(FAILED.trim_end())),
        }
    }
    ToolResult { id, name: Some(name), content, is_error: Some(is_error), extra: Extra::default() }
}

/// The content of a result, piece by piece.
struct Content {
    items: Vec<Item>,
    /// How many more bytes there may be.
    left: usize,
    /// How many were left out.
    cut: usize,
}

impl Content {
    /// Adds a part of the protocol's.
    fn add(&mut self, part: &str) {
        let text = |path: &[&str]| raw::at(part, path).and_then(raw::text).map(std::borrow::Cow::into_owned);
        match text(&["type"]).as_deref() {
            Some("text") => self.text(&text(&["text"]).unwrap_or_default()),
            Some("image") => self.media(MediaKind::Image, text(&["data"]), text(&["mimeType"])),
            Some("audio") => self.media(MediaKind::Audio, text(&["data"]), text(&["mimeType"])),
            Some("resource") => match text(&["resource", "text"]) {
                Some(words) => self.text(&words),
                None => self.text(&format!("[a file: {}]", text(&["resource", "uri"]).unwrap_or_default())),
            },
            Some("resource_link") => {
                let (name, uri) = (text(&["name"]).unwrap_or_default(), text(&["uri"]).unwrap_or_default());
                self.text(&format!("{name}: {uri}"));
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let end = text.floor_char_boundary(self.left);
        self.cut += text.len() - end;
        self.left -= end;
        if end > 0 {
            self.items.push(Item::text(text.get(..end).unwrap_or_default()));
        }
    }

    /// A part of a picture is none.
    fn media(&mut self, kind: MediaKind, data: Option<String>, media_type: Option<String>) {
        let data = data.unwrap_or_default();
        if data.len() > self.left {
            self.cut += data.len();
            return;
        }
        self.left -= data.len();
        let source = Source::Base64(data);
        self.items.push(Item::Media(Media { kind, source, media_type, name: None, extra: Extra::default() }));
    }
}

#[cfg(test)]
mod tests;
