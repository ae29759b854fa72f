//! The sections `plans` and `rules` of the configuration.

use crate::Limits;
use crate::rule::{Pattern, Rule, Select};
use base::Code;
use base::config::{Node, Problems, Section, entries};
use globset::Glob;
use resilience::retry::Effect;
use std::time::Duration;

/// What the configuration says of plans.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// How much they may ask for.
    pub limits: Limits,
    /// What may stand together in one.
    pub rules: Vec<Rule>,
}

/// What stands before an effect among patterns.
const EFFECT: &str = "effect:";

const EFFECTS: [Effect; 3] = [Effect::Read, Effect::Idempotent, Effect::Write];

/// Reads both sections, each with the file that it stands in.
pub fn read(problems: &Problems, plans: Option<(&Node, &str)>, rules: Option<(&Node, &str)>) -> Settings {
    let limits = plans.and_then(|(node, file)| limits(Section::new(problems, file, "plans", node)?));
    let rules = rules.map(|(node, file)| {
        let read = |entry: &base::config::Entry| {
            let path = format!("rules.{}", entry.key);
            rule(Section::new(problems, file, &path, &entry.node)?, &entry.key)
        };
        entries(problems, file, "rules", node).into_iter().filter_map(read).collect()
    });
    Settings { limits: limits.unwrap_or_default(), rules: rules.unwrap_or_default() }
}

fn limits(mut section: Section<'_>) -> Option<Limits> {
    let usual = Limits::default();
    let count = |section: &mut Section<'_>, key, most: i64, usual: usize| {
        section.integer(key, 1..=most).and_then(|count| usize::try_from(count).ok()).unwrap_or(usual)
    };
    let size = |section: &mut Section<'_>, key, most: u64, usual: usize| {
        section.size(key, 1024..=most).and_then(|size| usize::try_from(size).ok()).unwrap_or(usual)
    };
    let limits = Limits {
        calls: count(&mut section, "calls", 10_000, usual.calls),
        parallel: count(&mut section, "parallel", 256, usual.parallel),
        items: count(&mut section, "items", 10_000, usual.items),
        size: size(&mut section, "size", 4 << 20, usual.size),
        kept: size(&mut section, "kept", 1 << 30, usual.kept),
        answer: size(&mut section, "answer", 64 << 20, usual.answer),
        time: section.duration("time", Duration::from_secs(1)..=Duration::from_secs(86_400)).unwrap_or(usual.time),
    };
    section.finish();
    Some(limits)
}

fn rule(mut section: Section<'_>, name: &str) -> Option<Rule> {
    let tools = select(&mut section, "tools");
    let rule = Rule {
        name: name.to_owned(),
        requires: select(&mut section, "requires"),
        before: select(&mut section, "before"),
        never_with: select(&mut section, "never_with"),
        at_most: section.integer("at_most", 0..=10_000).and_then(|most| usize::try_from(most).ok()),
        tools: tools.clone().unwrap_or_default(),
    };
    let says = ["requires", "before", "never_with", "at_most"].iter().any(|key| section.has(key));
    let lack = |key, what: &str, next: &str| {
        let message = format!("the rule `{name}` {what}");
        section.problem(key, Code::ConfigInvalidValue, message, next.to_owned());
    };
    if !section.has("tools") {
        lack("tools", "names no tools", "write for example `tools: [\"files__delete_*\"]`");
    }
    if !says {
        lack("tools", "says nothing of its tools", "add `requires`, `before`, `never_with` or `at_most`");
    }
    section.finish();
    tools.map(|_| rule)
}

fn select(section: &mut Section<'_>, key: &'static str) -> Option<Select> {
    let mut patterns = Vec::new();
    for text in section.texts(key)? {
        if let Some(word) = text.strip_prefix(EFFECT) {
            match EFFECTS.iter().find(|effect| effect.word() == word) {
                Some(effect) => patterns.push(Pattern::Effect(*effect)),
                None => {
                    let message = format!("`{text}` is no effect of a tool");
                    let next = "write `effect:read`, `effect:idempotent` or `effect:write`".to_owned();
                    section.problem(key, Code::ConfigInvalidValue, message, next);
                }
            }
            continue;
        }
        match Glob::new(&text) {
            Ok(glob) => patterns.push(Pattern::Name(glob.compile_matcher())),
            Err(error) => {
                let message = format!("the pattern `{text}` cannot be read: {}", error.kind());
                let next = "use `*` for any characters, `?` for one, `{a,b}` for either".to_owned();
                section.problem(key, Code::ConfigInvalidValue, message, next);
            }
        }
    }
    Some(Select(patterns))
}

#[cfg(test)]
mod tests;
