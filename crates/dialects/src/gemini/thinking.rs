//! `thinkingConfig`: how much a model thinks, as a level or as tokens.

use super::spelling::{Members, Spelled};
use super::{OWN, model};
use crate::fault::Fault;
use crate::json::Number;
use crate::loss::Losses;
use crate::request::{Shown, Thinking, ThinkingMode};

/// The most tokens of thoughts where the model decides.
const DYNAMIC: &str = "-1";
const LEVEL: &str = "level-as-written";

/// Reads `thinkingConfig`.
pub(super) fn read(mut config: Members<'_>) -> Result<Thinking, Fault> {
    let shown = config.flag("includeThoughts")?.map(|shown| if shown { Shown::Shown } else { Shown::Hidden });
    let level = config.text("thinkingLevel")?;
    let budget = config.number("thinkingBudget")?;
    let mode = match budget.as_ref().map(Number::as_str) {
        None => None,
        Some("0") => Some(ThinkingMode::Off),
        Some(DYNAMIC) => Some(ThinkingMode::Adaptive),
        Some(_) => Some(ThinkingMode::On),
    };
    let effort = level.as_ref().map(|level| level.to_ascii_lowercase());
    let mut extra = config.rest();
    if let Some(level) = &level {
        extra.note(LEVEL, level);
    }
    let budget = budget.filter(|budget| budget.as_str() != DYNAMIC);
    Ok(Thinking { mode, effort, budget, shown, extra })
}

/// Writes `thinkingConfig` for `model`: levels from Gemini 3 on, tokens before.
pub(super) fn write(thinking: &Thinking, model: &str, losses: &mut Losses) -> String {
    let mut config = Spelled::new(Some(&thinking.extra));
    config.flag_if("includeThoughts", thinking.shown.as_ref().map(|shown| *shown != Shown::Hidden));
    let dynamic = || (thinking.mode == Some(ThinkingMode::Adaptive)).then(|| Number::parse(DYNAMIC)).flatten();
    if thinking.extra.is_from(OWN) {
        config.text_if("thinkingLevel", thinking.extra.noted(OWN, LEVEL));
        config.number_if("thinkingBudget", thinking.budget.clone().or_else(dynamic).as_ref());
    } else if model::is_before_3(model) {
        config.number_if("thinkingBudget", thinking.budget_or_nearest().or_else(dynamic).as_ref());
    } else if let (Some(budget), false, None) = (&thinking.budget, thinking.is_off(), &thinking.effort) {
        config.number_if("thinkingBudget", Some(budget));
    } else if let Some(level) = level(thinking, model, losses) {
        config.text_if("thinkingLevel", Some(level));
    }
    config.finish("thinking", losses)
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
