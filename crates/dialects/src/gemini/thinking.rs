//! `thinkingConfig`: how much a model thinks, as a level or as tokens.

use super::spelling::{self, Members, Spelled};
use super::{OWN, model};
use conversation::fault::Fault;
use conversation::json::Number;
use conversation::loss::Losses;
use conversation::request::{Shown, Thinking, ThinkingMode};

/// The most tokens of thoughts where the model decides, and where it is not to think.
const DYNAMIC: &str = "-1";
const NONE: &str = "0";
const LEVEL: &str = "level-as-written";

/// Reads `thinkingConfig`.
pub(super) fn read(mut config: Members<'_>) -> Result<Thinking, Fault> {
    let shown = config.flag("includeThoughts")?.map(|shown| if shown { Shown::Shown } else { Shown::Hidden });
    let level = config.text("thinkingLevel")?;
    let budget = config.number("thinkingBudget")?;
    let mode = match budget.as_ref().map(Number::as_str) {
        None => None,
        Some(NONE) => Some(ThinkingMode::Off),
        Some(DYNAMIC) => Some(ThinkingMode::Adaptive),
        Some(_) => Some(ThinkingMode::On),
    };
    let effort = level.as_ref().map(|level| level.to_ascii_lowercase());
    let mut extra = config.rest();
    if let Some(level) = &level {
        spelling::note_text(&mut extra, LEVEL, level);
    }
    let budget = budget.filter(|budget| !matches!(budget.as_str(), DYNAMIC | NONE));
    Ok(Thinking { mode, effort, budget, shown, extra })
}

/// Writes `thinkingConfig` for `model`, where there is anything to say in it: levels from Gemini 3 on, tokens before.
/// `most` are the most tokens of the answer, thoughts included.
pub(super) fn write(thinking: &Thinking, model: &str, most: Option<&Number>, losses: &mut Losses) -> Option<String> {
    let mut config = Spelled::new(Some(&thinking.extra));
    let by_mode = match thinking.mode {
        Some(ThinkingMode::Adaptive) => Number::parse(DYNAMIC),
        Some(ThinkingMode::Off) => Number::parse(NONE),
        _ => None,
    };
    let shown = thinking.shown.as_ref().map(|shown| *shown != Shown::Hidden);
    if thinking.extra.is_from(OWN) {
        config.flag_if("includeThoughts", shown);
        config.text_if("thinkingLevel", spelling::noted_text(Some(&thinking.extra), LEVEL));
        config.number_if("thinkingBudget", thinking.budget.clone().or(by_mode).as_ref());
        return Some(config.finish("thinking", losses));
    }
    // Where others let a model think, they show what it thinks; Gemini does when it is told to.
    let thinks = matches!(thinking.mode, Some(ThinkingMode::On | ThinkingMode::Adaptive)).then_some(true);
    config.flag_if("includeThoughts", shown.or(thinks));
    if model::is_before_3(model) {
        let budget = thinking.budget_or_nearest().or(by_mode);
        config
            .number_if("thinkingBudget", budget.map(|budget| within(budget, thinking, (model, most), losses)).as_ref());
    } else if let (Some(budget), false, None) = (&thinking.budget, thinking.is_off(), &thinking.effort) {
        config.number_if("thinkingBudget", Some(budget));
    } else if let Some(level) = level(thinking, model, losses) {
        config.text_if("thinkingLevel", Some(level));
    }
    config.finish_filled("thinking", losses)
}

/// A budget as the model takes it, with a quarter of the answer's tokens left where a word stands for it. What it decides itself
/// is its own matter.
fn within(budget: Number, thinking: &Thinking, (model, most): (&str, Option<&Number>), losses: &mut Losses) -> Number {
    let (Some(wanted), Some(bounds)) = (budget.as_u64(), model::budgets(model)) else { return budget };
    if wanted == 0 {
        losses.add_if(!bounds.can_be_off, "thinking.mode");
        return Number::from(if bounds.can_be_off { 0 } else { bounds.least });
    }
    let told = thinking.budget.is_some();
    let room =
        most.and_then(Number::as_u64).map_or(u64::MAX, |most| if told { most.saturating_sub(1) } else { most / 4 * 3 });
    let fits = wanted.min(room).clamp(bounds.least, bounds.most);
    losses.add_if(told && fits != wanted, "thinking.budget");
    Number::from(fits)
}

fn level(thinking: &Thinking, model: &str, losses: &mut Losses) -> Option<&'static str> {
    let lowest = if model::is_pro(model) { "LOW" } else { "MINIMAL" };
    if thinking.is_off() {
        // Gemini 3 cannot be told not to think.
        losses.add("thinking.mode");
        return Some(lowest);
    }
    match thinking.effort.as_deref()? {
        "minimal" => Some(lowest),
        "low" => Some("LOW"),
        "medium" => Some("MEDIUM"),
        "high" | "xhigh" | "max" => Some("HIGH"),
        _ => {
            losses.add("thinking.effort");
            None
        }
    }
}

#[cfg(test)]
mod tests;
