//! A talk that becomes too long is made shorter: notes stand in the place of what is left out, and say how the model gets it
//! back. What is asked first, and what the model has not read yet, always stays; calls and their results go together. Pure:
//! the same talk is asked in the same bytes.

use super::offer::Offer;
use super::recall;
use base::Result;
use base::ports::KeptTurn;
use context::tokens::Family;
use conversation::item::{Item, Media, MediaKind, Source, ToolCall, ToolResult};
use conversation::request::{Request, Role, Tool, Turn};
use memory::transcript::{self, Given, Policy};

/// About how many tokens a picture or a piece of sound is.
const MEDIUM: usize = 1_500;
/// How many bytes of a document are a token, about.
const BYTES: usize = 50;
/// About how many tokens stand around a call, a result or a tool.
const AROUND: usize = 8;

/// How the talks of a client are made shorter, where they are recorded.
#[derive(Debug, Clone, Copy)]
pub struct Shortening {
    /// When, and what stays.
    pub policy: Policy,
    /// Whose tokens are counted.
    pub family: Family,
}

/// What a talk has, as far as it matters for what of it is left out.
#[derive(Debug)]
pub(super) struct Shorter {
    how: Shortening,
    /// The tokens of what was asked first, of the tools, and of the notes there.
    first: usize,
    /// The rounds that are still there, in their order. Each is two turns: what the model says, and the results.
    rounds: Vec<Said>,
    /// Where what was said is kept.
    kept: Vec<KeptTurn>,
    /// Whether rounds were left out before.
    has_head: bool,
}

/// A round.
#[derive(Debug)]
struct Said {
    tokens: usize,
    results: Vec<Told>,
    /// What names it where it is left out; nothing where it is not kept whole.
    line: Option<String>,
}

/// A result.
#[derive(Debug)]
struct Told {
    tokens: usize,
    /// What is kept that it was; nothing where that is not all, or it is left out already.
    original: Option<KeptTurn>,
}

impl Shorter {
    /// For a talk that begins with `request`.
    pub(super) fn new(how: Shortening, request: &Request) -> Self {
        let asked: usize = request.turns.iter().map(|turn| all(&turn.items, how.family)).sum();
        let tools: usize = request.tools.iter().map(|tool| of_tool(tool, how.family)).sum();
        Self { how, first: asked + tools, rounds: Vec::new(), kept: Vec::new(), has_head: false }
    }

    /// What a model wants back with these arguments.
    ///
    /// # Errors
    /// Those of [`recall::meant`].
    pub(super) fn recalls(&self, arguments: &str) -> Result<KeptTurn> {
        recall::meant(arguments, &self.kept)
    }

    /// Takes the round that is last in `request`, and where it is kept: what the model said, if it did, its calls, and the
    /// results.
    pub(super) fn add(&mut self, request: &Request, kept: &[Option<KeptTurn>], offer: &Offer) {
        let [.., said, told] = request.turns.as_slice() else { return };
        let calls: Vec<&ToolCall> = said.items.iter().filter_map(of_call).collect();
        let words = kept.len().checked_sub(2 * calls.len()).filter(|words| *words <= 1);
        let (words, of_calls, of_results) = match words {
            Some(words) => {
                let (words, rest) = kept.split_at_checked(words).unwrap_or_default();
                let (calls, results) = rest.split_at_checked(calls.len()).unwrap_or_default();
                (words, calls, results)
            }
            None => Default::default(),
        };
        let results = told.items.iter().filter_map(of_result).enumerate().map(|(place, result)| {
            let again = calls.get(place).filter(|call| offer.is_recall(&call.name));
            let own = of_results.get(place).cloned().flatten().filter(|_| result.content.iter().all(is_text));
            Told {
                tokens: all(&result.content, self.how.family) + AROUND,
                // What was given back is kept where it was first.
                original: again.and_then(|call| self.recalls(&call.arguments).ok()).or(own),
            }
        });
        let results: Vec<Told> = results.collect();
        let whole = said.items.iter().all(is_kept) && told.items.iter().filter_map(of_result).all(is_plain);
        let line = line(words, &calls, (of_calls, of_results)).filter(|_| whole);
        self.rounds.push(Said { tokens: all(&said.items, self.how.family), results, line });
        self.kept.extend(kept.iter().flatten().cloned());
    }

    /// Leaves out of `request`, whose rounds begin at the turn `begin`, what the policy says, and offers the tool by which the
    /// model gets it back, where it may still call one.
    pub(super) fn shorten(&mut self, request: &mut Request, begin: &mut usize, (offer, offers): (&mut Offer, bool)) {
        let tokens = |said: &Said| said.tokens + said.results.iter().map(|told| told.tokens).sum::<usize>();
        if self.first + self.rounds.iter().map(tokens).sum::<usize>() <= self.how.policy.most {
            return;
        }
        let name = offer.recall();
        let cut = self.cut(&name);
        if cut == transcript::Cut::default() {
            return;
        }
        for (round, place) in cut.results {
            self.clear(request, *begin, (round, place), &name);
        }
        if !cut.rounds.is_empty() {
            self.leave_out(request, begin, &cut.rounds, &name);
        }
        if offers && let Some(tool) = offer.add_recall(request) {
            self.first += of_tool(&tool, self.how.family);
        }
    }

    /// What is left out.
    fn cut(&self, name: &str) -> transcript::Cut {
        let count = |text: &str| self.how.family.count(text).tokens;
        let given = |told: &Told| Given {
            tokens: told.tokens,
            note: told.original.as_ref().map(|original| count(&note(name, original)) + AROUND),
        };
        let round = |said: &Said| transcript::Round {
            said: said.tokens,
            results: said.results.iter().map(given).collect(),
            line: said.line.as_deref().map(count),
        };
        let head = if self.has_head { 0 } else { count(&head(name)) };
        let rounds: Vec<transcript::Round> = self.rounds.iter().map(round).collect();
        transcript::Talk { first: self.first, head, rounds: &rounds }.cut(self.how.policy)
    }

    /// Puts a note in the place of a result.
    fn clear(&mut self, request: &mut Request, begin: usize, (round, place): (usize, usize), name: &str) {
        let told = self.rounds.get_mut(round).and_then(|said| said.results.get_mut(place));
        let turn = request.turns.get_mut(begin + 2 * round + 1);
        let result = turn.and_then(|turn| turn.items.iter_mut().filter_map(of_result_mut).nth(place));
        if let (Some(told), Some(result)) = (told, result)
            && let Some(original) = told.original.take()
        {
            let note = note(name, &original);
            told.tokens = self.how.family.count(&note).tokens + AROUND;
            result.content = vec![Item::text(note)];
        }
    }

    /// Takes rounds away, and names them behind what was asked first.
    fn leave_out(&mut self, request: &mut Request, begin: &mut usize, rounds: &[usize], name: &str) {
        let mut told = if std::mem::replace(&mut self.has_head, true) { String::new() } else { head(name) };
        for round in rounds {
            let line = self.rounds.get(*round).and_then(|said| said.line.as_deref()).unwrap_or_default();
            told.push_str(line);
        }
        // From the end, so that the places of the others stay what they are.
        for round in rounds.iter().rev() {
            let turn = *begin + 2 * round;
            request.turns.drain(turn..turn + 2);
            self.rounds.remove(*round);
        }
        self.first += self.how.family.count(&told).tokens;
        let last = begin.checked_sub(1).and_then(|last| request.turns.get_mut(last));
        match last.filter(|turn| turn.role == Role::User).and_then(|turn| turn.items.last_mut()) {
            // Some models take no two turns of a user one after the other.
            Some(Item::Text(text)) => text.text.push_str(&told),
            _ => {
                let told = vec![Item::text(told.trim_start())];
                request.turns.insert(*begin, Turn::new(Role::User, told));
                *begin += 1;
            }
        }
    }
}

/// What stands in the place of a result.
fn note(name: &str, original: &KeptTurn) -> String {
    format!(r#"[this result is left out; {name} gives it back: {{"handle": "{}"}}]"#, original.handle)
}

/// What says that rounds are left out.
fn head(name: &str) -> String {
    format!(
        "\n\n[What was said and done next is left out. {name} gives each turn of it back by its number, such as {{\"turn\": 3}}:]"
    )
}

/// What names a round that is left out: the numbers of what the model said, of the calls, and of the results. Nothing where any
/// of it is not kept.
fn line(
    words: &[Option<KeptTurn>],
    calls: &[&ToolCall],
    (of_calls, of_results): (&[Option<KeptTurn>], &[Option<KeptTurn>]),
) -> Option<String> {
    let mut parts = Vec::new();
    for words in words {
        parts.push(format!("{} what you said", words.as_ref()?.number));
    }
    for (place, call) in calls.iter().enumerate() {
        let number = |kept: &[Option<KeptTurn>]| kept.get(place)?.as_ref().map(|kept| kept.number);
        parts.push(format!("{} a call of {}, {} its result", number(of_calls)?, call.name, number(of_results)?));
    }
    Some(format!("\n- {}", parts.join("; ")))
}

/// The tokens of items, about.
fn all(items: &[Item], family: Family) -> usize {
    items.iter().map(|item| tokens(item, family)).sum()
}

fn tokens(item: &Item, family: Family) -> usize {
    let count = |text: &str| family.count(text).tokens;
    match item {
        Item::Text(text) => count(&text.text),
        Item::Reasoning(thought) => {
            let summary: usize = thought.summary.iter().map(|part| count(part)).sum();
            count(&thought.text) + summary + thought.encrypted.as_deref().map_or(0, count)
        }
        Item::ToolCall(call) => count(&call.name) + count(&call.arguments) + AROUND,
        Item::ToolResult(result) => all(&result.content, family) + AROUND,
        Item::Media(media) => of_medium(media),
        Item::CacheBreakpoint(_) => 0,
        Item::Opaque(opaque) => count(opaque.raw.as_str()),
    }
}

fn of_medium(media: &Media) -> usize {
    match &media.source {
        Source::Base64(data) | Source::Text(data) if media.kind == MediaKind::Document => {
            MEDIUM.max(data.len() / BYTES)
        }
        _ => MEDIUM,
    }
}

fn of_tool(tool: &Tool, family: Family) -> usize {
    let count = |text: &str| family.count(text).tokens;
    match tool {
        Tool::Function(function) => {
            let about = function.description.as_deref().map_or(0, count);
            let parameters = function.parameters.as_ref().map_or(0, |parameters| count(parameters.as_str()));
            count(&function.name) + about + parameters + AROUND
        }
        Tool::Opaque(opaque) => count(opaque.raw.as_str()),
    }
}

fn of_call(item: &Item) -> Option<&ToolCall> {
    if let Item::ToolCall(call) = item { Some(call) } else { None }
}

fn of_result(item: &Item) -> Option<&ToolResult> {
    if let Item::ToolResult(result) = item { Some(result) } else { None }
}

fn of_result_mut(item: &mut Item) -> Option<&mut ToolResult> {
    if let Item::ToolResult(result) = item { Some(result) } else { None }
}

fn is_text(item: &Item) -> bool {
    matches!(item, Item::Text(_))
}

fn is_plain(result: &ToolResult) -> bool {
    result.content.iter().all(is_text)
}

/// Whether what a model says is kept, or of no use once the turn is gone: thoughts are for the turn alone.
fn is_kept(item: &Item) -> bool {
    matches!(item, Item::Text(_) | Item::Reasoning(_) | Item::ToolCall(_))
}

#[cfg(test)]
mod tests;
