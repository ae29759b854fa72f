//! Long texts of a request, taken apart into passages and put together of fewer.

use conversation::Request;
use conversation::item::Item;
use conversation::request::Role;

/// A passage is at least so long, in bytes, where there is more of the text.
const SHORTEST: usize = 200;
/// A passage is at most about so long.
const LONGEST: usize = 1_000;
/// The most passages of a request: of longer ones they are longer.
const MOST: usize = 400;
/// What stands where something was left out.
const GAP: &str = "[…]";

/// Where a text of a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    turn: usize,
    item: usize,
}

/// What a request asks, and the long texts that it brings along.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Material {
    /// What is asked: the last words of the user.
    pub(crate) question: String,
    /// The long texts, without the question where it stands in one of them, each with its place.
    pub(crate) texts: Vec<(Place, String)>,
    /// The place of the question, and whether it stands at the end of a longer text.
    asked: Option<(Place, bool)>,
}

impl Material {
    /// Looks for what is asked and for texts of at least `long` bytes, in what users say.
    pub(crate) fn of(request: &Request, long: usize) -> Self {
        let users = request.turns.iter().enumerate().filter(|(_, turn)| turn.role == Role::User);
        let all: Vec<(Place, &str)> = users
            .flat_map(|(turn, said)| {
                said.items.iter().enumerate().map(move |(item, what)| (Place { turn, item }, what))
            })
            .filter_map(|(place, item)| match item {
                Item::Text(text) if !text.text.trim().is_empty() => Some((place, text.text.as_str())),
                _ => None,
            })
            .collect();
        let Some((last, said)) = all.last().copied() else {
            return Self { question: String::new(), texts: Vec::new(), asked: None };
        };
        // A question that comes with its document in one text is its last paragraph.
        let (body, question, within) = match said.trim_end().rsplit_once("\n\n") {
            Some((body, question)) if said.len() >= long && !question.trim().is_empty() => (body, question, true),
            _ => ("", said, false),
        };
        let texts = all.iter().filter_map(|(place, text)| {
            let text = if *place == last { body } else { text };
            (text.len() >= long).then(|| (*place, text.to_owned()))
        });
        Self { question: question.trim().to_owned(), texts: texts.collect(), asked: Some((last, within)) }
    }

    /// The request with these in place of the long texts, in their order.
    pub(crate) fn replaced(&self, request: &Request, texts: &[String]) -> Request {
        let mut request = request.clone();
        for ((place, _), text) in self.texts.iter().zip(texts) {
            let whole = match self.asked {
                Some((asked, true)) if asked == *place => format!("{text}\n\n{}", self.question),
                _ => text.clone(),
            };
            set(&mut request, *place, whole);
        }
        request
    }

    /// The request with another question.
    pub(crate) fn asking(&self, request: &Request, question: &str) -> Request {
        let mut request = request.clone();
        match self.asked {
            Some((place, false)) => set(&mut request, place, question.to_owned()),
            Some((place, true)) => {
                let body = self.texts.iter().find(|(other, _)| *other == place).map(|(_, text)| text.as_str());
                // A text whose document is not long by itself is left as it is.
                if let Some(body) = body {
                    set(&mut request, place, format!("{body}\n\n{question}"));
                }
            }
            None => {}
        }
        request
    }
}

fn set(request: &mut Request, place: Place, with: String) {
    let item = request.turns.get_mut(place.turn).and_then(|turn| turn.items.get_mut(place.item));
    if let Some(Item::Text(text)) = item {
        text.text = with;
    }
}

/// The passages of some texts: paragraphs, short ones together, long ones in pieces. Each with the number of its text.
pub(crate) fn passages<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Vec<(usize, String)> {
    let bytes: usize = texts.clone().map(str::len).sum();
    let scale = (bytes / LONGEST / MOST) + 1;
    let mut passages = Vec::new();
    for (number, text) in texts.enumerate() {
        let mut open = String::new();
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            for piece in pieces(paragraph.trim_matches('\n'), LONGEST * scale) {
                if !open.is_empty() {
                    open.push_str("\n\n");
                }
                open.push_str(piece);
                if open.len() >= SHORTEST * scale {
                    passages.push((number, std::mem::take(&mut open)));
                }
            }
        }
        if !open.is_empty() {
            passages.push((number, open));
        }
    }
    passages
}

/// A text in pieces of at most about `most` bytes, at the ends of sentences or words where there are any.
pub(crate) fn pieces(text: &str, most: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > most {
        let end = rest.floor_char_boundary(most);
        let head = rest.get(..end).unwrap_or(rest);
        let sentence = sentence_end(head).filter(|at| *at > end / 3);
        let cut = sentence.or_else(|| head.rfind(' ').map(|at| at + 1)).unwrap_or(end).max(1);
        let cut = rest.ceil_char_boundary(cut);
        let (piece, behind) = rest.split_at(cut);
        if !piece.trim().is_empty() {
            pieces.push(piece.trim_end());
        }
        rest = behind.trim_start();
    }
    if !rest.trim().is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where the last sentence of a text ends: behind a mark with a space, so that numbers and names stay whole.
fn sentence_end(text: &str) -> Option<usize> {
    let ends = |at: &usize| text.get(..*at).is_some_and(|before| before.ends_with(['.', '!', '?', '\n']));
    text.rmatch_indices([' ', '\n']).map(|(at, space)| if space == "\n" { at + 1 } else { at }).find(ends)
}

/// Each text again, of those of its passages that are kept, with a mark where others stood.
pub(crate) fn together(texts: usize, passages: &[(usize, String)], keep: &[bool]) -> Vec<String> {
    let mut out = vec![String::new(); texts];
    let mut gap = vec![false; texts];
    for ((text, passage), keep) in passages.iter().zip(keep) {
        let (Some(out), Some(gap)) = (out.get_mut(*text), gap.get_mut(*text)) else { continue };
        if !keep {
            *gap = true;
            continue;
        }
        if std::mem::take(gap) {
            append(out, GAP);
        }
        append(out, passage);
    }
    for (out, gap) in out.iter_mut().zip(gap) {
        if gap {
            append(out, GAP);
        }
    }
    out
}

fn append(out: &mut String, text: &str) {
    if !out.is_empty() {
        out.push_str("\n\n");
    }
    out.push_str(text);
}

#[cfg(test)]
mod tests;
