//! Routes on which several models help each other: `models.routes.<name>` with one of these strategies.

use base::Code;
use base::config::{Section, Value};
use hybrid::{Boost, Cascade, Check, Compare, Decide, DraftRefine, MapReduce, Shorten, Speculate, Strategy};
use std::ops::RangeInclusive;
use std::time::Duration;

/// How the models of a route help each other, and how long that may take.
#[derive(Debug, Clone, PartialEq)]
pub struct Hybrid {
    /// What is done.
    pub strategy: Strategy,
    /// How long all may take that comes before the answer.
    pub time: Duration,
    /// How long one question to a helper may take.
    pub patience: Duration,
    /// How many questions are asked at once.
    pub at_once: usize,
}

/// How long may be waited.
const TIMES: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_secs(3_600);
/// Sizes of texts, in bytes.
const SIZES: RangeInclusive<u64> = 100..=10_000_000;
/// The most models of a route, so that one request is not hundreds.
const MOST_MODELS: usize = 16;

/// Reads the route of the strategy called `name`.
pub(super) fn read(section: &mut Section<'_>, name: &'static str) -> Option<Hybrid> {
    let models = models(section);
    let helper = matches!(name, "boost" | "draft_refine" | "map_reduce").then(|| section.required_text("helper"));
    let one = || models.as_ref().and_then(|models| models.first().cloned());
    let strategy = match name {
        "boost" => Some(boost(section, helper.flatten(), one())),
        "draft_refine" => Some(
            helper.flatten().zip(one()).map(|(helper, model)| Strategy::DraftRefine(DraftRefine { helper, model })),
        ),
        "cascade" => Some(cascade(section, models)),
        "compare" => Some(compare(section, models)),
        "map_reduce" => Some(map_reduce(section, helper.flatten(), one())),
        _ => Some(models.map(|models| Strategy::Speculate(Speculate { models }))),
    };
    let time = section.duration("time", TIMES).unwrap_or(Duration::from_secs(300));
    let patience = section.duration("patience", TIMES).unwrap_or(Duration::from_secs(60));
    let at_once = section.integer("at_once", 1..=64).and_then(|count| usize::try_from(count).ok()).unwrap_or(8);
    Some(Hybrid { strategy: strategy.flatten()?, time, patience, at_once })
}

/// The models of `use`.
fn models(section: &mut Section<'_>) -> Option<Vec<String>> {
    let Some(node) = section.node("use") else {
        let message = format!("`{}` uses no model", section.path());
        section.problem("use", Code::ConfigInvalidValue, message, "write `use: [provider/model]`".to_owned());
        return None;
    };
    let models = match &node.value {
        Value::List(nodes) => nodes.iter().filter_map(base::config::Node::scalar_text).collect(),
        _ => vec![section.text("use")?],
    };
    if models.is_empty() || models.len() > MOST_MODELS {
        let message = format!("`{}.use` has {} models", section.path(), models.len());
        section.problem("use", Code::ConfigInvalidValue, message, format!("write one to {MOST_MODELS}"));
        return None;
    }
    Some(models)
}

fn boost(section: &mut Section<'_>, helper: Option<String>, model: Option<String>) -> Option<Strategy> {
    let ways = [("extract", Shorten::Extract), ("compress", Shorten::Compress), ("reformulate", Shorten::Reformulate)];
    let shorten = section.choice("shorten", &ways).unwrap_or(Shorten::Extract);
    let keep = protection::settings::share(section, "keep").unwrap_or(0.4);
    let long = size(section, "long", 4_000);
    let window = size(section, "window", 16_000);
    Some(Strategy::Boost(Boost { helper: helper?, model: model?, shorten, keep, long, window }))
}

fn cascade(section: &mut Section<'_>, models: Option<Vec<String>>) -> Option<Strategy> {
    let check = match section.node("check").map(|node| &node.value) {
        Some(Value::Map(_)) => {
            let mut check = section.section("check")?;
            let judge = check.text("judge");
            let least = check.integer("least", 0..=10).and_then(|least| u8::try_from(least).ok()).unwrap_or(7);
            let agree = check.integer("agree", 2..=9).and_then(|times| usize::try_from(times).ok());
            check.finish();
            match (judge, agree) {
                (Some(model), None) => Some(Check::Judge { model, least }),
                (None, Some(times)) => Some(Check::Agree { times }),
                _ => None,
            }
        }
        Some(_) => section.choice("check", &[("json", ())]).map(|()| Check::Json),
        None => None,
    };
    if check.is_none() {
        let message = format!("`{}` does not say what an answer must pass", section.path());
        let next =
            "write `check: { judge: provider/model, least: 7 }`, `check: { agree: 3 }` or `check: json`".to_owned();
        section.problem("check", Code::ConfigInvalidValue, message, next);
    }
    Some(Strategy::Cascade(Cascade { models: models?, check: check? }))
}

fn compare(section: &mut Section<'_>, models: Option<Vec<String>>) -> Option<Strategy> {
    let (judge, merge) = (section.text("judge"), section.text("merge"));
    if judge.is_some() && merge.is_some() {
        let message = format!("`{}` names both who judges and who merges", section.path());
        section.problem("merge", Code::ConfigInvalidValue, message, "leave one of `judge` and `merge` out".to_owned());
    }
    let decide = judge.map(Decide::Judge).or(merge.map(Decide::Merge)).unwrap_or(Decide::Vote);
    let show_all = section.choice("show", &[("best", false), ("all", true)]).unwrap_or(false);
    Some(Strategy::Compare(Compare { models: models?, decide, show_all }))
}

fn map_reduce(section: &mut Section<'_>, worker: Option<String>, model: Option<String>) -> Option<Strategy> {
    let count = |section: &mut Section<'_>, key, most, usual| {
        section.integer(key, 1..=most).and_then(|count| usize::try_from(count).ok()).unwrap_or(usual)
    };
    let (long, chunk) = (size(section, "long", 8_000), size(section, "chunk", 4_000));
    let (chunks, jobs) = (count(section, "chunks", 256, 32), count(section, "jobs", 8, 3));
    Some(Strategy::MapReduce(MapReduce { worker: worker?, model: model?, long, chunk, chunks, jobs }))
}

fn size(section: &mut Section<'_>, key: &'static str, usual: usize) -> usize {
    section.size(key, SIZES).and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usual)
}

#[cfg(test)]
mod tests;
