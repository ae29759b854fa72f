//! The pieces of a need, and how each is made to fit.

use super::{Assembling, Audience, Found};
use crate::content::{Content, Place, quoted, text};
use crate::fit::{End, Fitted, Measure, cut, pruned};
use crate::receipt::How;
use crate::summary::{SummaryKey, WantedSummary};
use crate::{Trust, limits};
use journal::Digest;
use serde_json::Value;
use std::borrow::Cow;
use workflow::definition::{Fit, Need, Origin};

/// Between the pieces of one need.
const BETWEEN: &str = "\n\n";
/// A summary of fewer tokens says nothing.
const SHORTEST_SUMMARY: usize = 16;

/// A need with what is selected for it.
pub(super) struct Prepared<'a> {
    pub(super) need: &'a Need,
    pub(super) place: Place,
    pub(super) pieces: Vec<Piece<'a>>,
}

/// What is selected of something that was found.
pub(super) struct Piece<'a> {
    pub(super) content: &'a Content,
    pub(super) handle: Digest,
    /// The tokens of all of it.
    pub(super) whole: usize,
    /// The tokens of what is selected, as a reader gets it.
    pub(super) selected: usize,
    value: Cow<'a, Value>,
    first: bool,
}

/// What became of a piece.
pub(super) struct Placed {
    pub(super) text: String,
    pub(super) tokens: usize,
    pub(super) how: How,
}

impl Prepared<'_> {
    /// The tokens of all pieces.
    pub(super) fn natural(&self) -> usize {
        self.pieces.iter().map(|piece| piece.selected).sum()
    }

    /// The most tokens that the need may have.
    pub(super) fn most(&self) -> usize {
        self.need.max.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX))
    }

    /// What templates get.
    pub(super) fn value(&self, audience: Audience, placed: &[Placed], text: &str) -> Value {
        let whole = placed.iter().all(|piece| piece.how == How::Whole);
        let several = matches!(self.need.from, Origin::Search { .. } | Origin::Classification(_));
        match (audience, self.pieces.as_slice()) {
            (_, []) => Value::Null,
            (Audience::Tool, pieces) if whole && several => {
                pieces.iter().map(|piece| piece.value.clone().into_owned()).collect()
            }
            (Audience::Tool, [piece]) if whole => piece.value.clone().into_owned(),
            _ if placed.iter().all(|piece| piece.how == How::LeftOut) => Value::Null,
            _ => Value::String(text.to_owned()),
        }
    }
}

/// Takes what a need selects.
pub(super) fn prepared<'a>(input: &Assembling<'a>, found: &'a Found<'a>) -> Prepared<'a> {
    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for content in found.contents.iter().take(limits::FOUND) {
        let Some(value) = selected(found.need, &content.value) else { continue };
        let whole = text(&content.value);
        let mut piece = Piece {
            content,
            handle: content.handle(),
            whole: input.family.count_known(&whole).tokens,
            selected: 0,
            value,
            first: pieces.is_empty(),
        };
        piece.selected = piece.measured(input, &text(&piece.value)).tokens;
        pieces.push(piece);
    }
    Prepared { need: found.need, place: place(&found.need.from), pieces }
}

fn selected<'a>(need: &Need, value: &'a Value) -> Option<Cow<'a, Value>> {
    let Some(select) = &need.select else { return Some(Cow::Borrowed(value)) };
    // What tools give is often JSON in a text.
    let read = value.as_str().and_then(|text| base::json::from_text(text).ok());
    select.of(read.as_ref().unwrap_or(value)).map(Cow::Owned)
}

fn place(origin: &Origin) -> Place {
    match origin {
        Origin::Memory { scope, .. } if scope == "system" => Place::System,
        Origin::Memory { .. } | Origin::Classification(_) => Place::LongLived,
        Origin::ToolOutput(_) | Origin::ModelOutput(_) | Origin::LastOutput => Place::Steps,
        Origin::UserPrompt | Origin::Parameter(_) | Origin::Parameters | Origin::Search { .. } => Place::Volatile,
    }
}

impl Piece<'_> {
    /// `inner` as it would stand in the prompt, and its tokens.
    fn measured(&self, input: &Assembling<'_>, inner: &str) -> Fitted {
        Measure { family: input.family, around: &|inner| self.around(input.audience, inner) }.of(inner)
    }

    fn around(&self, audience: Audience, inner: &str) -> String {
        let between = if self.first { "" } else { BETWEEN };
        match (audience, self.content.trust) {
            (Audience::Model, Trust::Untrusted) => format!("{between}{}", quoted(&self.content.source, inner)),
            _ => format!("{between}{inner}"),
        }
    }
}

/// Makes pieces fit, and collects the summaries that are missing.
pub(super) struct Placing<'a> {
    input: &'a Assembling<'a>,
    pub(super) wanted: Vec<WantedSummary>,
}

impl<'a> Placing<'a> {
    pub(super) fn new(input: &'a Assembling<'a>) -> Self {
        Self { input, wanted: Vec::new() }
    }

    /// Puts the pieces of a need one after the other into `room` tokens.
    pub(super) fn place(&mut self, prepared: &Prepared<'_>, room: usize) -> Vec<Placed> {
        let mut left = room;
        let mut placed = Vec::new();
        for piece in &prepared.pieces {
            let one = self.one(piece, &prepared.need.fit, left);
            left = left.saturating_sub(one.tokens);
            placed.push(one);
        }
        placed
    }

    fn one(&mut self, piece: &Piece<'_>, fit: &Fit, room: usize) -> Placed {
        let inner = text(&piece.value);
        if piece.selected <= room {
            let Fitted { text, tokens } = piece.measured(self.input, &inner);
            return Placed { text, tokens, how: How::Whole };
        }
        let around = |inner: &str| piece.around(self.input.audience, inner);
        let measure = Measure { family: self.input.family, around: &around };
        let fitted = match fit {
            Fit::Exact => None,
            Fit::TruncateHead => cut(&inner, End::Head, room, &measure).map(|fitted| (fitted, How::CutHead)),
            Fit::TruncateTail => cut(&inner, End::Tail, room, &measure).map(|fitted| (fitted, How::CutTail)),
            Fit::JsonPrune => pruned(&json(&piece.value), room, &measure).map(|fitted| (fitted, How::Pruned)),
            Fit::Summary(model) => self.summary(&inner, model.as_deref().unwrap_or_default(), room, &measure),
        };
        match fitted {
            Some((Fitted { text, tokens }, how)) => Placed { text, tokens, how },
            None => Placed { text: String::new(), tokens: 0, how: How::LeftOut },
        }
    }

    fn summary(&mut self, inner: &str, model: &str, room: usize, measure: &Measure<'_>) -> Option<(Fitted, How)> {
        let target = room.checked_sub(measure.of("").tokens).filter(|target| *target >= SHORTEST_SUMMARY)?;
        let key = SummaryKey {
            sha256: Digest::of(inner.as_bytes()),
            tokens: target as u64,
            model: model.to_owned(),
            prompt: self.input.summary_prompt,
        };
        let Some(made) = self.input.summaries.get(&key) else {
            self.wanted.push(WantedSummary { key, text: inner.to_owned() });
            return None;
        };
        let how = |cut| How::Summary { model: model.to_owned(), cut };
        let fitted = measure.of(made);
        if fitted.tokens <= room {
            return Some((fitted, how(false)));
        }
        cut(made, End::Tail, room, measure).map(|fitted| (fitted, how(true)))
    }
}

/// The value, or what it is if it is JSON in a text.
fn json(value: &Value) -> Cow<'_, Value> {
    let text = value.as_str().filter(|text| text.trim_start().starts_with(['{', '[']));
    match text.and_then(|text| base::json::from_text(text).ok()) {
        Some(read) => Cow::Owned(read),
        None => Cow::Borrowed(value),
    }
}
