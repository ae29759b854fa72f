//! What of the declared context comes into a prompt: the same for the same input, byte for byte.

mod allot;
mod piece;

use crate::content::{Content, Place};
use crate::receipt::{How, Line, Receipt, Undeclared};
use crate::summary::{Summaries, WantedSummary};
use crate::{Trust, limits};
use allot::{optional_order, rooms};
use base::{Code, Error, Result};
use context::tokens::Family;
use journal::Digest;
use piece::{Placed, Placing, Prepared, prepared};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use workflow::definition::{Limit, Need};

/// Who reads what is assembled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A model: it gets texts, and what cannot be trusted stands between marks.
    Model,
    /// A tool, as its arguments: it gets values as they are, as long as they are not cut.
    Tool,
}

/// A need with what was found for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'a> {
    /// The need.
    pub need: &'a Need,
    /// What was found, the best first.
    pub contents: Vec<Content>,
}

/// All that decides what a step is given.
#[derive(Debug, Clone)]
pub struct Assembling<'a> {
    /// What the step declares, in that order.
    pub needs: &'a [Found<'a>],
    /// What else the run has. None of it reaches the step: the receipt names it.
    pub undeclared: &'a [Content],
    /// The most tokens; see [`tokens`].
    pub budget: Option<usize>,
    /// Whose tokens.
    pub family: Family,
    /// Who reads it.
    pub audience: Audience,
    /// Summaries that are there.
    pub summaries: &'a Summaries,
    /// The SHA-256 of what models are told that make summaries.
    pub summary_prompt: Digest,
}

/// What a step is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Assembled {
    /// What templates call `memory`. Needs without anything behind them are null.
    pub memory: Map<String, Value>,
    /// The same as texts, in the order in which they belong into a prompt.
    pub blocks: Vec<Block>,
    /// What came in, and what did not.
    pub receipt: Receipt,
}

/// The text of one need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What templates call it.
    pub name: String,
    /// Where it belongs: at the last block of each place but the last, what is before it is worth keeping at the provider.
    pub place: Place,
    /// Whether all of it can be trusted.
    pub trust: Trust,
    /// The text.
    pub text: String,
}

/// What came of assembling.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// This is what the step is given.
    Ready(Box<Assembled>),
    /// These are missing: put them among the summaries, and assemble again.
    Summaries(Vec<WantedSummary>),
}

/// The tokens of a budget for a model that reads `window` tokens. Where that is not known, a share is one of 8,192.
pub fn tokens(limit: Option<Limit>, window: Option<u64>) -> Option<usize> {
    let tokens = match limit? {
        Limit::Tokens(tokens) => tokens,
        // No share is above 1, and no model reads as much as a number of this type cannot tell.
        Limit::Share(share) => (window.unwrap_or(8_192) as f64 * share) as u64,
    };
    Some(usize::try_from(tokens).unwrap_or(usize::MAX))
}

/// Decides what a step is given: first all that it must have, then the rest by priority and in the order of the file.
///
/// # Errors
/// [`Code::ContextMissing`]: something that it must have is not there; [`Code::ContextOverflow`]: it does not fit.
pub fn assemble(input: &Assembling<'_>) -> Result<Outcome> {
    let needs = prepare(input)?;
    let mut placing = Placing::new(input);
    let mut placed: BTreeMap<usize, Vec<Placed>> = BTreeMap::new();
    let mut left = input.budget.unwrap_or(usize::MAX);
    let rooms = rooms(&needs, left)?;
    for (at, room) in rooms {
        let Some(prepared) = needs.get(at) else { continue };
        let pieces = placing.place(prepared, room);
        if !pieces.is_empty() && pieces.iter().all(|piece| piece.how == How::LeftOut) && placing.wanted.is_empty() {
            return Err(allot::overflow(&needs, input.budget));
        }
        left = left.saturating_sub(given(&pieces));
        placed.insert(at, pieces);
    }
    for at in optional_order(&needs) {
        // What the next ones get depends on how long a summary is.
        if !placing.wanted.is_empty() {
            return Ok(Outcome::Summaries(placing.wanted));
        }
        let Some(prepared) = needs.get(at) else { continue };
        let room = left.min(prepared.most());
        let pieces = placing.place(prepared, room);
        left = left.saturating_sub(given(&pieces));
        placed.insert(at, pieces);
    }
    if !placing.wanted.is_empty() {
        return Ok(Outcome::Summaries(placing.wanted));
    }
    Ok(Outcome::Ready(Box::new(finished(input, &needs, &placed))))
}

fn given(pieces: &[Placed]) -> usize {
    pieces.iter().map(|piece| piece.tokens).sum()
}

/// All needs with what is selected for them.
fn prepare<'a>(input: &Assembling<'a>) -> Result<Vec<Prepared<'a>>> {
    let needs: Vec<Prepared<'a>> = input.needs.iter().map(|found| prepared(input, found)).collect();
    let missing = needs.iter().filter(|one| one.pieces.is_empty() && !one.need.optional);
    let missing: Vec<String> = missing.map(|one| format!("`{}`", one.need.name)).collect();
    if missing.is_empty() {
        return Ok(needs);
    }
    let message = format!("the step must have {}, and nothing is there", missing.join(", "));
    let next = "write `optional: true` where the step can do without it, or look at what `select` takes";
    Err(Error::new(Code::ContextMissing, message, next))
}

fn finished(input: &Assembling<'_>, needs: &[Prepared<'_>], placed: &BTreeMap<usize, Vec<Placed>>) -> Assembled {
    let (mut memory, mut blocks, mut lines) = (Map::new(), Vec::new(), Vec::new());
    let mut nothing_for = Vec::new();
    for (at, one) in needs.iter().enumerate() {
        let pieces = placed.get(&at).map_or(&[][..], Vec::as_slice);
        if one.pieces.is_empty() {
            nothing_for.push(one.need.name.clone());
        }
        lines.extend(one.pieces.iter().zip(pieces).map(|(piece, placed)| Line {
            name: one.need.name.clone(),
            source: piece.content.source.clone(),
            handle: piece.handle.to_string(),
            place: one.place,
            trust: piece.content.trust,
            whole: piece.whole,
            selected: piece.selected,
            given: placed.tokens,
            how: placed.how.clone(),
        }));
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let taken = || one.pieces.iter().zip(pieces).filter(|(_, placed)| placed.how != How::LeftOut);
        let trust = taken().fold(Trust::Trusted, |trust, (piece, _)| trust.with(piece.content.trust));
        memory.insert(one.need.name.clone(), one.value(input.audience, pieces, &text));
        if taken().next().is_some() {
            blocks.push(Block { name: one.need.name.clone(), place: one.place, trust, text });
        }
    }
    blocks.sort_by_key(|block| block.place);
    let receipt = receipt(input, needs, lines, nothing_for);
    Assembled { memory, blocks, receipt }
}

fn receipt(input: &Assembling<'_>, needs: &[Prepared<'_>], pieces: Vec<Line>, nothing_for: Vec<String>) -> Receipt {
    let mut declared: BTreeMap<(&str, Digest), usize> = BTreeMap::new();
    for piece in needs.iter().flat_map(|one| &one.pieces) {
        declared.insert((&piece.content.source, piece.handle), piece.whole);
    }
    let mut full_context: usize = declared.values().sum();
    let mut undeclared = Vec::new();
    for content in input.undeclared {
        let handle = content.handle();
        if declared.contains_key(&(content.source.as_str(), handle)) {
            continue;
        }
        let tokens = input.family.count_known(&crate::content::text(&content.value)).tokens;
        full_context = full_context.saturating_add(tokens);
        undeclared.push(Undeclared { source: content.source.clone(), handle: handle.to_string(), tokens });
    }
    let undeclared_more = undeclared.len().saturating_sub(limits::UNDECLARED);
    undeclared.truncate(limits::UNDECLARED);
    Receipt {
        family: input.family.name().to_owned(),
        budget: input.budget,
        total: pieces.iter().map(|line| line.given).sum(),
        full_context,
        pieces,
        nothing_for,
        undeclared,
        undeclared_more,
    }
}

#[cfg(test)]
mod tests;
