//! Blocks that only this dialect knows and that say text: to all others they are texts.

use super::OWN;
use conversation::item::{Item, Text};
use conversation::json::{self, Raw};
use conversation::object::Object;

/// The note with the block as it was written.
const WHOLE: &str = "block";

/// The block of a text that was read from one of another kind, as it was.
pub(super) fn whole(item: &Item) -> Option<&str> {
    match item {
        Item::Text(text) => text.extra.noted(OWN, WHOLE),
        _ => None,
    }
}

/// A block of this `kind`, with its type and its breakpoint taken. None where it says no text, or more than that.
pub(super) fn read(kind: &str, mut object: Object, raw: &str) -> Option<Item> {
    if kind == "compaction" {
        let text = object.text("content").ok()?.filter(|text| !text.is_empty())?;
        // What the model says behind it begins anew.
        return Some(item(vec![text + "\n\n"], object, raw));
    }
    let source = [object.text("title").ok()?, object.text("source").ok()?];
    let head = source.into_iter().flatten().collect::<Vec<_>>().join("\n");
    let texts = texts(object.raw("content")?)?;
    Some(item([head].into_iter().chain(texts).collect(), object, raw))
}

/// A document that is made of blocks.
pub(super) fn read_document(mut object: Object, mut inside: Object, raw: &str) -> Option<Item> {
    let head = [object.text("title").ok()?, object.text("context").ok()?];
    let content = inside.raw("content")?;
    let texts = json::text(content).map_or_else(|| texts(content), |text| Some(vec![text]))?;
    Some(item(head.into_iter().flatten().chain(texts).collect(), object, raw))
}

/// The texts of a list of blocks, if there is nothing else in it.
fn texts(list: &str) -> Option<Vec<String>> {
    let text_of = |block: &str| {
        let mut block = Object::read_leniently(block).ok()?;
        let is_text = block.text("type").ok()?.as_deref() == Some("text");
        block.text("text").ok()?.filter(|_| is_text)
    };
    json::elements(list)?.into_iter().map(text_of).collect()
}

fn item(parts: Vec<String>, object: Object, raw: &str) -> Item {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut extra = object.rest(OWN);
    extra.note(WHOLE, Raw::of_valid(raw).as_str());
    Item::Text(Text { text: parts.join("\n\n"), extra, ..Text::default() })
}
