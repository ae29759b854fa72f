//! Where in a conversation of a client something was done, as the client sends it again. Pure.

use super::Key;
use base::random;
use conversation::Dialect;
use conversation::item::{Item, Media, Source, ToolCall};
use conversation::request::Turn;
use signatures::say;

/// A place in a conversation: who asks, and all that was said before it.
pub(super) struct Place {
    dialect: Dialect,
    said: Vec<u8>,
}

impl Place {
    pub(super) fn new(owner: &str, dialect: Dialect) -> Self {
        let mut said = Vec::new();
        add(owner.as_bytes(), &mut said);
        add(dialect.name().as_bytes(), &mut said);
        Self { dialect, said }
    }

    /// Goes past a turn. Thoughts say nothing here: clients leave them out.
    pub(super) fn pass(&mut self, turn: &Turn) {
        let mut words = Vec::new();
        for item in &turn.items {
            match item {
                Item::ToolCall(call) if self.has_ids() && call.id.is_some() => {
                    words.push(0);
                    add(call.name.as_bytes(), &mut words);
                    add(call.id.as_deref().unwrap_or_default().as_bytes(), &mut words);
                }
                Item::Media(media) => show(media, &mut words),
                _ => say(item, &mut words),
            }
        }
        add(format!("{:?}", turn.role).as_bytes(), &mut self.said);
        add(&words, &mut self.said);
        // A conversation is long, and each of its turns a place.
        self.said = random::sha256(&self.said).to_vec();
    }

    /// The name of the place at which a model says `turns`, by what tells its calls from all others; none where nothing does.
    pub(super) fn by_ids(&self, turns: &[&Turn]) -> Option<Key> {
        let calls = || turns.iter().flat_map(|turn| &turn.items).filter_map(of_call);
        calls().find_map(mark)?;
        let mut said = self.said.clone();
        add(b"ids", &mut said);
        for call in calls() {
            add(call.name.as_bytes(), &mut said);
            add(mark(call).unwrap_or_default().as_bytes(), &mut said);
        }
        Some(random::sha256(&said))
    }

    /// The name of the place at which a model says `turns`, by all that is said in them.
    pub(super) fn by_words(&self, turns: &[&Turn]) -> Key {
        let mut said = self.said.clone();
        add(b"words", &mut said);
        turns.iter().flat_map(|turn| &turn.items).for_each(|item| say(item, &mut said));
        random::sha256(&said)
    }

    /// Whether clients always send ids of calls.
    fn has_ids(&self) -> bool {
        !matches!(self.dialect, Dialect::Gemini | Dialect::Ollama)
    }
}

/// What all of `turns` say, whatever the ids and signatures in them are.
pub(super) fn digest(turns: &[Turn]) -> Key {
    let mut said = Vec::new();
    for turn in turns {
        add(format!("{:?}", turn.role).as_bytes(), &mut said);
        turn.items.iter().for_each(|item| tell(item, &mut said));
    }
    random::sha256(&said)
}

fn tell(item: &Item, out: &mut Vec<u8>) {
    match item {
        Item::Reasoning(thought) => {
            add(thought.text.as_bytes(), out);
            thought.summary.iter().for_each(|part| add(part.as_bytes(), out));
        }
        Item::Media(media) => show(media, out),
        Item::ToolResult(result) => result.content.iter().for_each(|item| tell(item, out)),
        _ => say(item, out),
    }
}

fn show(media: &Media, out: &mut Vec<u8>) {
    let (Source::Base64(said) | Source::Text(said) | Source::Url(said) | Source::File(said)) = &media.source;
    add(said.as_bytes(), out);
}

/// The name of a response of a client, by its id.
pub(super) fn of_response(owner: &str, id: &str) -> Key {
    let mut said = Vec::new();
    [owner, "response", id].iter().for_each(|text| add(text.as_bytes(), &mut said));
    random::sha256(&said)
}

/// What a call bears that others do not: its id, or the signature of whoever made it, whichever alphabet of Base64 a client's
/// library writes that in.
fn mark(call: &ToolCall) -> Option<String> {
    let signature = || {
        let plain = |character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        };
        call.signature.as_deref().map(|signature| signature.trim_end_matches('=').chars().map(plain).collect())
    };
    call.id.clone().or_else(signature).filter(|mark| !mark.is_empty())
}

fn of_call(item: &Item) -> Option<&ToolCall> {
    if let Item::ToolCall(call) = item { Some(call) } else { None }
}

/// With its length, so that no two texts together are two others.
fn add(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&bytes.len().to_le_bytes());
    out.extend_from_slice(bytes);
}
