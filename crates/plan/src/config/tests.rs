use super::{Settings, read};
use crate::rule::Pattern;
use base::config::{Problems, yaml};
use resilience::retry::Effect;
use std::time::Duration;

fn settings(text: &str) -> Result<Settings, Vec<String>> {
    let document = yaml("tutti.yaml", text).unwrap();
    let problems = Problems::new();
    let part = |key| document.root.get(key).map(|entry| (&entry.node, "tutti.yaml"));
    let settings = read(&problems, part("plans"), part("rules"));
    match problems.into_result() {
        Ok(()) => Ok(settings),
        Err(errors) => Err(errors.iter().map(|error| error.message().to_owned()).collect()),
    }
}

#[test]
fn limits_and_rules_are_read() {
    let text = "plans: { calls: 5, parallel: 2, items: 3, size: 4KiB, kept: 1MiB, answer: 2KiB, time: 30s }\n\
                rules:\n  backup-first: { tools: [\"db__drop_*\", \"effect:write\"], requires: [\"db__backup\"], at_most: 1 }\n";
    let settings = settings(text).unwrap();
    let limits = &settings.limits;
    assert_eq!((limits.calls, limits.parallel, limits.items, limits.size), (5, 2, 3, 4096));
    assert_eq!((limits.kept, limits.answer, limits.time), (1 << 20, 2048, Duration::from_secs(30)));
    let rule = &settings.rules[0];
    assert_eq!((rule.name.as_str(), rule.at_most), ("backup-first", Some(1)));
    assert!(matches!(rule.tools.0[1], Pattern::Effect(Effect::Write)));
    assert!(rule.requires.is_some() && rule.before.is_none());
}

#[test]
fn what_is_wrong_with_a_rule_is_told() {
    let text = "rules:\n  none: { at_most: 1 }\n  silent: { tools: [\"a\"] }\n  odd: { tools: [\"[\", \"effect:writes\"], at_most: -1 }\n  typo: { tools: [a], atmost: 1 }\n";
    let said = settings(text).unwrap_err().join("\n");
    for part in [
        "the rule `none` names no tools",
        "the rule `silent` says nothing of its tools",
        "the pattern `[` cannot be read",
        "`effect:writes` is no effect of a tool",
        "`rules.odd.at_most` is -1, which is out of range",
        "`rules.typo` has the key `atmost`",
    ] {
        assert!(said.contains(part), "{part} is told: {said}");
    }
    assert!(settings("plans: { calls: 0 }").is_err() && settings("plans: { deep: 1 }").is_err());
    assert_eq!(settings("{}").unwrap(), Settings::default());
}
