//! What there is to read in a result, and as much of it as there is room for.

use super::layout::{Layout, NOTE, shared};
use super::{Wanted, between, block, bytes};
use crate::tokens::{Count, Family, Meter};
use mcp::raw;
use std::borrow::Cow;

/// What stands between two texts where they are read as one.
const BETWEEN: &str = "\n";

/// The most tokens of the address of an embedded text that is cut: it is shown with each part.
const ADDRESS: usize = 40;

/// What two pieces may be more where they are put together than each by itself, and how many pieces a cut text has.
const SEAMS: usize = 4;

/// What there is to read in a result.
pub(super) struct Parts<'a> {
    result: &'a str,
    blocks: Vec<Block<'a>>,
    structured: Option<(&'a str, Count)>,
}

/// One block of the content.
struct Block<'a> {
    json: &'a str,
    /// The text as it stands there, and what it says; nothing where the block is no text.
    text: Option<(&'a str, Cow<'a, str>)>,
    /// What a model reads of it besides its text: an address.
    beside: usize,
    count: Count,
}

/// The text of a block of text, as it stands there.
pub(super) fn text_of(block: &str) -> Option<&str> {
    let is_text = raw::get(block, "type").and_then(raw::text).as_deref() == Some("text");
    raw::get(block, "text").filter(|_| is_text)
}

/// The text of an embedded file, as it stands there, and its address.
fn embedded(block: &str) -> Option<(&str, &str)> {
    let is_file = raw::get(block, "type").and_then(raw::text).as_deref() == Some("resource");
    let resource = raw::get(block, "resource").filter(|_| is_file)?;
    Some((raw::get(resource, "text")?, raw::get(resource, "uri").unwrap_or_default()))
}

impl<'a> Block<'a> {
    fn of(json: &'a str, meter: &mut Meter) -> Self {
        let said = text_of(json).map(|text| (text, "")).or_else(|| embedded(json));
        if let Some((place, address)) = said
            && let Some(text) = raw::text(place)
        {
            let beside = if address.is_empty() { Count::NONE } else { Count { exact: false, ..meter.count(address) } };
            if beside.tokens <= ADDRESS {
                let count = meter.count(&text) + beside;
                return Self { json, text: Some((place, text)), beside: beside.tokens, count };
            }
        }
        // What of another block a model reads is the client's affair: at most all of it but its bytes.
        let count = match bytes(json).map(|(data, _)| data).filter(|data| data.starts_with('"')) {
            Some(data) => {
                let mut rest = raw::Splice::new(json);
                rest.replace(data, "");
                meter.count(&rest.finish())
            }
            None => meter.count(json),
        };
        Self { json, text: None, beside: 0, count: Count { exact: false, ..count } }
    }
}

impl<'a> Parts<'a> {
    pub(super) fn of(result: &'a str, family: Family) -> Self {
        let mut meter = Meter::new(family);
        let content = raw::get(result, "content").unwrap_or("[]");
        let blocks = raw::elements(content).map(|json| Block::of(json, &mut meter)).collect();
        let structured = raw::get(result, "structuredContent").filter(|value| *value != "null");
        let structured = structured.map(|value| (value, meter.count(value)));
        Self { result, blocks, structured }
    }

    /// How many tokens they are together.
    pub(super) fn tokens(&self) -> Count {
        self.content() + self.structured.map_or(Count::NONE, |(_, count)| count)
    }

    fn content(&self) -> Count {
        self.blocks.iter().map(|block| block.count).sum()
    }

    /// How much room they take.
    pub(super) fn room(&self) -> usize {
        self.tokens().tokens.saturating_add(between(self.blocks.len()))
    }

    /// All texts as one.
    pub(super) fn text(&self) -> String {
        self.texts().collect::<Vec<_>>().join(BETWEEN)
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter_map(|block| Some(block.text.as_ref()?.1.as_ref()))
    }

    /// The structured content, raw JSON.
    pub(super) fn structured(&self) -> Option<&'a str> {
        self.structured.map(|(value, _)| value)
    }

    /// The structured content, where it says more than the texts do. As a rule these say the same again, in about as many
    /// tokens, and then it is left out.
    fn more(&self) -> Option<(&'a str, Count)> {
        let texts = self.content().tokens;
        self.structured.filter(|(_, count)| texts < count.tokens / 2)
    }

    /// The result with as much as there is room for in `limit` tokens.
    pub(super) fn shortened(&self, limit: usize, wanted: &Wanted<'_>) -> String {
        let more = self.more();
        let mut needs: Vec<usize> = self.blocks.iter().map(|block| block.count.tokens + 1).collect();
        needs.extend(more.map(|(_, count)| count.tokens));
        let layout = shared(&needs, limit);
        let stays = |(_, count): (&str, Count)| match layout {
            Layout::Each(level) => count.tokens <= level,
            Layout::Ends { to, .. } => to <= self.blocks.len(),
        };
        let more = more.filter(|more| !stays(*more));
        let mut shown = match layout {
            Layout::Each(level) => self.each(level, wanted),
            Layout::Ends { from, part, to } => self.ends((from, part, to.min(self.blocks.len())), wanted),
        };
        if let Some((value, count)) = more {
            let room = if let Layout::Each(level) = layout { level } else { 0 };
            shown.push(Cow::Owned(block(&cut_of_structured(value, count, room, wanted))));
        }
        let content = format!("[{}]", shown.join(","));
        let mut splice = raw::Splice::new(self.result);
        match raw::get(self.result, "content") {
            Some(old) => splice.replace(old, content),
            None => splice.insert(self.result, "content", &content),
        };
        let short = splice.finish();
        let gone = more.is_some() || self.more().is_none();
        raw::without(&short, |member| gone && member.is("structuredContent")).into_owned()
    }

    /// All blocks, those above `level` tokens cut to as many.
    fn each(&self, level: usize, wanted: &Wanted<'_>) -> Vec<Cow<'a, str>> {
        let family = wanted.settings.family;
        let (mut parts, mut rest) = (Meter::of_parts(family), Meter::new(family));
        let note = self.note(wanted);
        let (mut shown, mut start) = (Vec::with_capacity(self.blocks.len()), 0);
        for block in &self.blocks {
            let fits = block.count.tokens < level;
            shown.push(match &block.text {
                _ if fits => Cow::Borrowed(block.json),
                None => Cow::Owned(super::block(&left_out(block.count, wanted.id))),
                Some((place, text)) => {
                    let room = if level > 2 * NOTE { level.saturating_sub(note + block.beside) } else { level };
                    let (head, tail) = ends(text, room, &mut parts);
                    if head < tail {
                        let left = rest.count(&text[head..tail]);
                        with_text(block.json, place, &cut(text, (head, tail), left, start, wanted.id))
                    } else {
                        Cow::Borrowed(block.json)
                    }
                }
            });
            start += block.text.as_ref().map_or(0, |(_, text)| text.len() + BETWEEN.len());
        }
        shown
    }

    /// How many tokens the note in a text that is cut is at most, and the seams beside it.
    fn note(&self, wanted: &Wanted<'_>) -> usize {
        let size = self.texts().map(|text| text.len() + BETWEEN.len()).sum();
        let note = cut("", (0, 0), Count { exact: false, ..self.tokens() }, size, wanted.id);
        wanted.settings.family.count(&note).tokens + SEAMS
    }

    /// The blocks before `from` and a `part` of that, and those from `to` on.
    fn ends(&self, (from, part, to): (usize, usize, usize), wanted: &Wanted<'_>) -> Vec<Cow<'a, str>> {
        let own = |blocks: &[Block<'a>]| -> usize {
            blocks.iter().map(|block| block.text.as_ref().map_or(0, |(_, text)| text.len() + BETWEEN.len())).sum()
        };
        let mut shown: Vec<Cow<'a, str>> = self.blocks[..from].iter().map(|block| Cow::Borrowed(block.json)).collect();
        let gone = &self.blocks[from..to];
        let mut left: Count = gone.iter().map(|block| block.count).sum();
        let mut start = own(&self.blocks[..from]);
        let end = start + own(gone);
        if let Some(Block { json, text: Some((place, text)), .. }) = gone.first()
            && part > 0
        {
            let mut meter = Meter::of_parts(wanted.settings.family);
            let head = meter.beginning(text, part);
            left = left.less(meter.count(&text[..head]));
            start += head;
            shown.push(with_text(json, place, &text[..head]));
        }
        if !gone.is_empty() {
            let (count, all, id) = (gone.len(), self.blocks.len(), wanted.id);
            shown.push(Cow::Owned(block(&format!(
                "[{left} tokens in {count} of {all} parts are left out here, bytes {start} to {end}: read_result with the \
                 id {id} reads them or searches in them, and with the part whole everything]"
            ))));
        }
        shown.extend(self.blocks[to..].iter().map(|block| Cow::Borrowed(block.json)));
        shown
    }
}

fn with_text<'a>(block: &str, place: &str, text: &str) -> Cow<'a, str> {
    let mut splice = raw::Splice::new(block);
    splice.replace(place, raw::quote(text));
    Cow::Owned(splice.finish().into_owned())
}

/// Where the beginning of `text` ends and its end begins that are at most `room` tokens together.
fn ends(text: &str, room: usize, meter: &mut Meter) -> (usize, usize) {
    let head = meter.beginning(text, room - room / 4);
    let head = text[..head].rfind('\n').filter(|line| *line > head / 2).map_or(head, |line| line + 1);
    let tail = (text.len() - meter.ending(text, room / 4)).max(head);
    let tail = text[tail..].find('\n').map(|line| tail + line + 1).filter(|line| *line < text.len()).unwrap_or(tail);
    (head, tail)
}

/// `text` up to `head` and from `tail` on, and between them how the rest is read, which is `left`. `start` is where the text
/// begins in what is read.
fn cut(text: &str, (head, tail): (usize, usize), left: Count, start: usize, id: &str) -> String {
    let (from, to) = (start + head, start + tail);
    format!(
        "{}\n[{left} tokens are left out here, bytes {from} to {to}: read_result with the id {id} reads them or searches in them]\n{}",
        &text[..head],
        &text[tail..]
    )
}

/// The ends of structured content, as a text.
fn cut_of_structured(value: &str, count: Count, room: usize, wanted: &Wanted<'_>) -> String {
    let (id, family) = (wanted.id, wanted.settings.family);
    let (head, tail) =
        if room > 2 * NOTE { ends(value, room - NOTE, &mut Meter::of_parts(family)) } else { (0, value.len()) };
    let left = if head == 0 && tail == value.len() { count } else { family.count(&value[head..tail]) };
    let note = format!(
        "[{left} tokens of the structured content are left out here, bytes {head} to {tail}: read_result with the id {id} and \
         the part structured reads them or searches in them]"
    );
    let around = [&value[..head], &note, &value[tail..]];
    around.into_iter().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What stands in the place of a block that is no text.
fn left_out(count: Count, id: &str) -> String {
    format!("[a part of {count} tokens is left out here: read_result with the id {id} and the part whole reads it]")
}
