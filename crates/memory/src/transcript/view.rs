//! What of a transcript a model reads. Pure: the same turns give the same bytes.

use super::{Policy, Role, Turn};
use crate::Trust;
use crate::content::quoted;
use crate::summary::{Summaries, SummaryKey, WantedSummary};
use base::Result;
use context::tokens::Family;
use journal::Digest;

/// Turns are summarised by as many at once, so that a summary, and with it the beginning of the prompt, stays the same for
/// some turns.
const AT_ONCE: usize = 8;
/// A summary may be this part of what may be read before turns are summarised, and at least so many tokens.
const SUMMARY: (usize, usize) = (8, 64);

/// What a model reads of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// In the order of the turns.
    pub shown: Vec<Shown>,
    /// The tokens of all of it.
    pub total: usize,
    /// The tokens of all turns as they are.
    pub full: usize,
    /// Whether any turn cannot be trusted, also one of which there is only a summary.
    pub tainted: bool,
}

/// A turn, or what stands in the place of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The first turn that it stands for.
    pub from: u64,
    /// The last one.
    pub to: u64,
    /// Whose words they are.
    pub role: Role,
    /// What the model reads.
    pub text: String,
    /// Its tokens.
    pub tokens: usize,
    /// What was done.
    pub how: Stood,
}

/// What was done with turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stood {
    /// It is read as it was.
    Whole,
    /// It was the result of a tool, and is left out.
    Cleared,
    /// They are left out.
    LeftOut,
    /// A summary stands for them.
    Summarised,
}

/// What came of making a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// This is what the model reads.
    Ready(View),
    /// This summary is missing: put it among the summaries, and make the view again.
    Summary(WantedSummary),
}

/// What of `turns` a model reads that reads `window` tokens of `family`. Summaries are made by `model`, told what has the
/// hash `prompt`.
///
/// # Errors
/// None that can be met: all of a turn is data that JSON has.
pub fn view(
    turns: &[Turn],
    policy: Policy,
    (family, window): (Family, usize),
    summaries: &Summaries,
    (model, prompt): (&str, Digest),
) -> Result<Made> {
    let mut all = cleared(turns, policy, family)?;
    let full = turns.iter().map(|turn| family.count_known(&turn.text).tokens).sum();
    let tainted = turns.iter().any(|turn| turn.trust == Trust::Untrusted);
    let head = pinned(turns);
    if let Some(last) = policy.keep_last {
        let start = start_of_pair(turns, turns.len().saturating_sub(last), head);
        replace(&mut all, head, start, family, |from, to| {
            let text = format!("[turns {from} to {to} are left out; recall brings each back by its number]");
            (text, Stood::LeftOut)
        });
    }
    // A share of a window of tokens is no larger than it.
    let most = policy.compact_at.map_or(usize::MAX, |share| (window as f64 * share.clamp(0.0, 1.0)) as usize);
    if total(&all) > most
        && let Some(wanted) = compact(&mut all, turns, (head, most), family, summaries, (model, prompt))
    {
        return Ok(Made::Summary(wanted));
    }
    Ok(Made::Ready(View { total: total(&all), shown: all, full, tainted }))
}

fn total(all: &[Shown]) -> usize {
    all.iter().map(|shown| shown.tokens).sum()
}

/// Puts a summary in the place of the older turns, or tells which one is missing.
fn compact(
    all: &mut Vec<Shown>,
    turns: &[Turn],
    (head, most): (usize, usize),
    family: Family,
    summaries: &Summaries,
    (model, prompt): (&str, Digest),
) -> Option<WantedSummary> {
    let end = start_of_pair(turns, boundary(all, turns, head, most / 2), head);
    // Numbers of turns are from 1, places from 0. What was left out before is among what the summary stands for.
    let stop = all.iter().position(|shown| shown.to > end as u64).unwrap_or(all.len());
    if stop <= head + 1 {
        return None;
    }
    let text: Vec<&str> = all.iter().take(stop).skip(head).map(|shown| shown.text.as_str()).collect();
    let text = text.join("\n\n");
    let tokens = (most / SUMMARY.0).max(SUMMARY.1) as u64;
    let key = SummaryKey { sha256: Digest::of(text.as_bytes()), tokens, model: model.to_owned(), prompt };
    let Some(made) = summaries.get(&key) else { return Some(WantedSummary { key, text }) };
    let doubted = turns.iter().take(end).any(|turn| turn.trust == Trust::Untrusted);
    let made = if doubted { quoted("summary", made) } else { made.clone() };
    replace(all, head, stop, family, |from, to| {
        (format!("[turns {from} to {to} in short; recall brings each back by its number]\n{made}"), Stood::Summarised)
    });
    None
}

/// All turns, without the older results of tools.
fn cleared(turns: &[Turn], policy: Policy, family: Family) -> Result<Vec<Shown>> {
    let results = turns.iter().filter(|turn| turn.role == Role::ToolResult).count();
    let mut old = policy.clear_tool_results.map_or(0, |last| results.saturating_sub(last));
    let mut all = Vec::with_capacity(turns.len());
    for turn in turns {
        let (mut text, mut how) = (said(turn), Stood::Whole);
        if turn.role == Role::ToolResult && old > 0 {
            old -= 1;
            let tool = turn.tool.as_deref().unwrap_or("a tool");
            let note = format!("[the result of {tool} is left out; recall(\"{}\") brings it back]", turn.handle()?);
            // What is shorter than the note stays.
            if note.len() < text.len() {
                (text, how) = (note, Stood::Cleared);
            }
        }
        let tokens = family.count_known(&text).tokens;
        all.push(Shown { from: turn.number, to: turn.number, role: turn.role, text, tokens, how });
    }
    Ok(all)
}

fn said(turn: &Turn) -> String {
    match (turn.role, turn.trust) {
        (Role::ToolResult, Trust::Untrusted) => quoted(turn.tool.as_deref().unwrap_or("tool"), &turn.text),
        _ => turn.text.clone(),
    }
}

/// How many of the first turns always stay.
fn pinned(turns: &[Turn]) -> usize {
    let system = turns.iter().take_while(|turn| turn.role == Role::System).count();
    system + usize::from(turns.get(system).is_some_and(|turn| turn.role == Role::User))
}

/// The place from which on all is kept: not between calls of tools and their results.
fn start_of_pair(turns: &[Turn], start: usize, head: usize) -> usize {
    let is_result = |place: usize| turns.get(place).is_some_and(|turn| turn.role == Role::ToolResult);
    let is_call = |place: usize| turns.get(place).is_some_and(|turn| turn.role == Role::ToolCall);
    let mut start = start.max(head);
    while start > head && is_result(start) {
        start -= 1;
    }
    // Several calls may come before their results.
    while start > head && is_call(start) && is_call(start - 1) {
        start -= 1;
    }
    start
}

/// Behind which turn the last ones are at most `most` tokens; a whole number of times [`AT_ONCE`] behind the head.
fn boundary(all: &[Shown], turns: &[Turn], head: usize, most: usize) -> usize {
    let mut left = most;
    let kept = all.iter().rev().take_while(|shown| {
        let fits = shown.tokens <= left;
        left = left.saturating_sub(shown.tokens);
        fits
    });
    // What stands for several turns at once is never kept beside a summary.
    let kept = kept.filter(|shown| shown.from == shown.to).count();
    let first = turns.len().saturating_sub(kept).max(head);
    let whole = (first - head).div_ceil(AT_ONCE) * AT_ONCE + head;
    whole.min(turns.len().saturating_sub(1))
}

/// Puts one thing in the place of those from `start` to before `end`, if there are any.
fn replace(
    all: &mut Vec<Shown>,
    start: usize,
    end: usize,
    family: Family,
    by: impl FnOnce(u64, u64) -> (String, Stood),
) {
    let range = start..end.min(all.len());
    let Some([first, .., last] | [first @ last]) = all.get(range.clone()) else { return };
    let (from, to) = (first.from, last.to);
    let (text, how) = by(from, to);
    let tokens = family.count(&text).tokens;
    all.splice(range, [Shown { from, to, role: Role::User, text, tokens, how }]);
}
