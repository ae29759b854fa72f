//! How much is thought: `thinking`, and the word `output_config.effort`.
//!
//! Models before 4.6 take a budget (`enabled`), later ones think as they see fit (`adaptive`) and take a word. What comes
//! from other dialects is said as the model takes it; names that are not Claude's belong to servers that know `enabled`.

use super::super::{OWN, content};
use super::tools;
use conversation::fault::{Fault, Within};
use conversation::item::{Item, Reasoning};
use conversation::json::Number;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::object::Object;
use conversation::request::{Request, Role, Shown, Thinking, ThinkingMode};

/// `max_tokens` of requests from dialects that need none: what all models can write.
pub(super) const DEFAULT_MAX_TOKENS: u64 = 8192;
/// The least budget that the API takes.
const LEAST_BUDGET: u64 = 1024;
/// The most that a word of effort stands for where nobody said `max_tokens`: with the default it is what all thinking
/// models can write.
const MOST_BY_WORD: u64 = 32_000 - DEFAULT_MAX_TOKENS;

/// Takes `thinking`.
pub(super) fn read(object: &mut Object) -> Result<Option<Thinking>, Fault> {
    let Some(mut inside) = object.object("thinking")? else { return Ok(None) };
    let mode = match inside.needed_text("type").within("thinking")?.as_str() {
        "enabled" => ThinkingMode::On,
        "disabled" => ThinkingMode::Off,
        "adaptive" => ThinkingMode::Adaptive,
        other => ThinkingMode::Other(other.to_owned()),
    };
    let budget = inside.number("budget_tokens").within("thinking")?;
    let shown = match inside.peek_text("display").as_deref() {
        Some("summarized") => Some(Shown::Shown),
        Some("omitted") => Some(Shown::Hidden),
        _ => None,
    };
    if shown.is_some() {
        inside.raw("display");
    }
    Ok(Some(Thinking { mode: Some(mode), effort: None, budget, shown, extra: inside.rest(OWN) }))
}

/// What a request says of thinking and of the most tokens, which hang together.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) max_tokens: Option<Number>,
    pub(crate) thinking: Option<ObjectWriter>,
    pub(crate) effort: Option<String>,
    /// Whether the model thinks because of what another dialect says: then not all sampling is taken.
    pub(crate) narrows_sampling: bool,
}

impl Plan {
    /// What `request` says, as this dialect says it.
    pub(super) fn of(request: &Request, losses: &mut Losses) -> Self {
        let own = request.extra.is_from(OWN);
        let max_tokens = match &request.max_tokens {
            None if !own => Some(Number::from(DEFAULT_MAX_TOKENS)),
            told => told.clone(),
        };
        let plan = Self { max_tokens, ..Self::default() };
        match &request.thinking {
            None => plan,
            Some(thinking) if thinking.extra.is_from(OWN) => plan.said_here(thinking, losses),
            Some(thinking) => {
                let mut rest = ObjectWriter::new();
                thinking.extra.write(OWN, "thinking", &mut rest, losses);
                plan.translated(thinking, request, losses)
            }
        }
    }

    /// What `request`, of whatever dialect, says to a Claude that is asked by another service: there the most tokens need not be
    /// said.
    pub(crate) fn elsewhere(request: &Request, losses: &mut Losses) -> Self {
        let plan = Self { max_tokens: request.max_tokens.clone(), ..Self::default() };
        let Some(thinking) = &request.thinking else { return plan };
        thinking.extra.lose("thinking", losses);
        if thinking.mode.is_none() && thinking.extra.is_from(OWN) {
            // A word of effort alone does not ask for thoughts.
            let effort = thinking.effort.clone().map(|word| taken(word, &request.model, losses));
            return Self { effort, ..plan };
        }
        let mut thinking = thinking.clone();
        if takes_budget(&request.model) {
            // These always show a summary, and other services need not know the word for it.
            let shown = thinking.shown.take();
            losses.add_if(shown == Some(Shown::Hidden), "thinking.shown");
            let asked = thinking.effort.is_some() || thinking.budget.is_some() || thinking.mode.is_some();
            let wanted = matches!(shown, Some(Shown::Shown | Shown::Summary(_)));
            thinking.mode = thinking.mode.or((wanted && !asked).then_some(ThinkingMode::On));
        }
        plan.translated(&thinking, request, losses)
    }

    fn said_here(mut self, thinking: &Thinking, losses: &mut Losses) -> Self {
        self.effort.clone_from(&thinking.effort);
        let Some(mode) = &thinking.mode else { return self };
        let mut out = ObjectWriter::new();
        out.text("type", word(mode)).number_if("budget_tokens", thinking.budget.as_ref());
        write_shown(thinking.shown.as_ref(), &mut out, losses);
        thinking.extra.write(OWN, "thinking", &mut out, losses);
        self.thinking = Some(out);
        self
    }

    fn translated(mut self, thinking: &Thinking, request: &Request, losses: &mut Losses) -> Self {
        let mut out = ObjectWriter::new();
        if thinking.is_off() {
            out.text("type", "disabled");
            self.thinking = Some(out);
            return self;
        }
        let asked = thinking.effort.is_some() || thinking.budget.is_some() || thinking.mode.is_some();
        if !asked && !matches!(thinking.shown, Some(Shown::Shown | Shown::Summary(_))) {
            return self;
        }
        let by_budget = takes_budget(&request.model);
        if tools::forces(request.tool_choice.as_ref()) || (by_budget && lacks_thoughts(request)) {
            // The API refuses both, and the tools matter more.
            losses.add("thinking");
            return self;
        }
        if by_budget {
            let Some((budget, most)) = budget(thinking, request, losses) else {
                losses.add("thinking");
                return self;
            };
            out.text("type", "enabled").whole("budget_tokens", budget);
            self.max_tokens = Some(most);
        } else {
            out.text("type", "adaptive");
            losses.add_if(thinking.budget.is_some(), "thinking.budget");
            self.effort = thinking.effort_or_nearest().map(|word| taken(word, &request.model, losses));
        }
        write_shown(thinking.shown.as_ref(), &mut out, losses);
        self.narrows_sampling = true;
        self.thinking = Some(out);
        self
    }
}

/// The word of effort that the model takes in place of another: none takes the least of OpenAI's, and those of 4.6 know no step
/// between `high` and `max`.
fn taken(word: String, model: &str, losses: &mut Losses) -> String {
    match word.as_str() {
        "minimal" => "low".to_owned(),
        "xhigh" if version(model) == Some((4, 6)) => {
            losses.add("thinking.effort");
            "high".to_owned()
        }
        _ => word,
    }
}

fn word(mode: &ThinkingMode) -> &str {
    match mode {
        ThinkingMode::On => "enabled",
        ThinkingMode::Off => "disabled",
        ThinkingMode::Adaptive => "adaptive",
        ThinkingMode::Other(other) => other,
    }
}

fn write_shown(shown: Option<&Shown>, out: &mut ObjectWriter, losses: &mut Losses) {
    let display = match shown {
        None => return,
        Some(Shown::Hidden) => "omitted",
        Some(Shown::Shown) => "summarized",
        Some(Shown::Summary(kind)) => {
            losses.add_if(kind != "auto", "thinking.summary");
            "summarized"
        }
    };
    out.text("display", display);
}

/// The budget, at least the least and below `max_tokens`, and `max_tokens`. None if that leaves no room for thoughts.
fn budget(thinking: &Thinking, request: &Request, losses: &mut Losses) -> Option<(u64, Number)> {
    let told = thinking.budget.as_ref().and_then(Number::as_u64);
    let by_word = || thinking.budget_or_nearest().and_then(|number| number.as_u64()).unwrap_or(DEFAULT_MAX_TOKENS);
    let Some(most) = &request.max_tokens else {
        let budget = told.unwrap_or_else(|| by_word().min(MOST_BY_WORD)).max(LEAST_BUDGET);
        return Some((budget, Number::from(budget.saturating_add(DEFAULT_MAX_TOKENS))));
    };
    let limit = most.as_u64()?.saturating_sub(1);
    if limit < LEAST_BUDGET {
        return None;
    }
    // A word promises no number, so a quarter is left for the answer.
    let budget = told.unwrap_or_else(|| by_word().min(limit / 4 * 3)).max(LEAST_BUDGET).min(limit);
    losses.add_if(told.is_some_and(|told| told != budget), "thinking.budget");
    Some((budget, most.clone()))
}

/// Whether a model takes a budget and not a word.
pub(super) fn takes_budget(model: &str) -> bool {
    match version(model) {
        Some(version) => version < (4, 6),
        None => !model.to_ascii_lowercase().contains("claude"),
    }
}

/// The version in the name of a Claude, such as `claude-3-5-haiku-20241022`. None where the name says none, or is another's.
pub(crate) fn version(model: &str) -> Option<(u32, u32)> {
    let lower = model.to_ascii_lowercase();
    let (_, name) = lower.split_once("claude")?;
    // A date has more digits than a version.
    let mut numbers = name
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|part| part.len() <= 2)
        .filter_map(|part| part.parse::<u32>().ok());
    // A revision of Bedrock, such as `:0`, is none.
    let major = numbers.next().filter(|major| *major > 0)?;
    Some((major, numbers.next().unwrap_or(0)))
}

/// Takes thoughts without a signature, which the API refuses, out of a conversation that was held in this dialect.
pub(in super::super) fn mend(request: &mut Request) -> Option<Losses> {
    if !request.drop_thoughts(|thought| !is_signed(thought) && thought.encrypted.is_none()) {
        return None;
    }
    let mut losses = Losses::new();
    losses.add("reasoning");
    losses.extend(&without_thoughts(request));
    Some(losses)
}

/// Does not ask the model to think where thoughts were taken out of a conversation that was held in this dialect, and the step
/// that is going on begins without any by that.
pub(in super::super) fn without_thoughts(request: &mut Request) -> Losses {
    let mut losses = Losses::new();
    let lacks = takes_budget(&request.model) && lacks_thoughts(request);
    if let Some(thinking) =
        request.thinking.as_mut().filter(|thinking| lacks && thinking.mode == Some(ThinkingMode::On))
    {
        losses.add("thinking");
        // A word of effort stands elsewhere, and stays.
        (thinking.mode, thinking.budget) = (None, None);
    }
    losses
}

fn is_signed(thought: &Reasoning) -> bool {
    thought.signature.as_deref().is_some_and(|signature| !signature.is_empty())
}

/// Whether the last step of a loop of tools, which is still going on, begins without thoughts that can be sent back: then
/// models that take a budget refuse to think.
fn lacks_thoughts(request: &Request) -> bool {
    let is_model = |role: &Role| *role == Role::Assistant;
    let mut turns = request.turns.iter().rev().filter(|turn| !turn.role.instructs()).peekable();
    let mut goes_on = false;
    while let Some(turn) = turns.next_if(|turn| !is_model(&turn.role)) {
        goes_on |= turn.items.iter().any(|item| matches!(item, Item::ToolResult(_)));
    }
    let mut first = None;
    while let Some(turn) = turns.next_if(|turn| is_model(&turn.role)) {
        first = turn.items.first().or(first);
    }
    let returns = |thought: &Reasoning| is_signed(thought) || content::is_redacted(thought);
    let thinks = matches!(first, Some(Item::Reasoning(thought)) if returns(thought));
    goes_on && !thinks
}

#[cfg(test)]
mod tests;
