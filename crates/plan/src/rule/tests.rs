use super::{Pattern, Rule, Select, broken};
use crate::Limits;
use crate::definition::{Plan, read};
use crate::graph::Graph;
use crate::target::Target;
use globset::Glob;
use resilience::retry::Effect;
use serde_json::json;

fn select(globs: &[&str]) -> Select {
    Select(globs.iter().map(|glob| Pattern::Name(Glob::new(glob).unwrap().compile_matcher())).collect())
}

fn rule(tools: &str) -> Rule {
    Rule {
        name: "mine".to_owned(),
        tools: select(&[tools]),
        requires: None,
        before: None,
        never_with: None,
        at_most: None,
    }
}

/// Steps `s0`, `s1` …, each with the tool and the steps that it is after.
fn plan(steps: &[(&str, &[usize])]) -> Plan {
    let step = |(index, (tool, after)): (usize, &(&str, &[usize]))| {
        let after: Vec<String> = after.iter().map(|after| format!("s{after}")).collect();
        json!({"name": format!("s{index}"), "tool": tool, "after": after})
    };
    let steps: Vec<_> = steps.iter().enumerate().map(step).collect();
    read(&json!({"steps": steps}).to_string(), &Limits::default()).unwrap()
}

fn check(rule: Rule, steps: &[(&str, &[usize])]) -> Vec<String> {
    let plan = plan(steps);
    let effect = |tool: &str| if tool.contains("read") { Effect::Read } else { Effect::Write };
    let target = |tool: &str| Target { known_as: tool.to_owned(), effect: effect(tool), definition: None, usual: None };
    let targets: Vec<Target> = plan.steps.iter().map(|step| target(&step.tool)).collect();
    let ancestors = Graph::of(&plan).unwrap().ancestors();
    broken(&[rule], &plan, &targets, &ancestors).iter().map(ToString::to_string).collect()
}

#[test]
fn what_requires_another_call_is_refused_without_it() {
    let rule = || Rule { requires: Some(select(&["db__backup"])), ..rule("db__drop_*") };
    let said = check(rule(), &[("db__drop_table", &[])]);
    assert!(said[0].contains("the rule `mine` is broken: step `s0` (db__drop_table) needs another call"), "{said:?}");
    assert!(said[0].contains("add a step with `db__backup`"), "{said:?}");
    assert!(check(rule(), &[("db__backup", &[]), ("db__drop_table", &[])]).is_empty());
    assert!(check(rule(), &[("db__read", &[])]).is_empty());
}

#[test]
fn what_comes_before_must_do_so_by_data_or_by_word() {
    let rule = || Rule { before: Some(select(&["db__drop_*"])), ..rule("db__backup") };
    let said = check(rule(), &[("db__backup", &[]), ("db__drop_table", &[])]);
    assert!(said[0].contains("step `s0` (db__backup) must come before step `s1` (db__drop_table)"), "{said:?}");
    assert!(said[0].contains("add `after: [\"s0\"]` to `s1`"), "{said:?}");
    assert!(check(rule(), &[("db__backup", &[]), ("other", &[0]), ("db__drop_table", &[1])]).is_empty());
    assert!(!check(rule(), &[("db__drop_table", &[]), ("db__backup", &[0])]).is_empty());
}

#[test]
fn what_may_not_be_together_is_refused_together() {
    let rule = || Rule { never_with: Some(select(&["mail__*"])), ..rule("vault__*") };
    let said = check(rule(), &[("vault__read", &[]), ("mail__send", &[])]);
    assert!(said[0].contains("the steps `s0` (vault__read) and `s1` (mail__send) may not be in one plan"), "{said:?}");
    assert!(check(rule(), &[("vault__read", &[]), ("vault__list", &[])]).is_empty());
    let itself = || Rule { never_with: Some(select(&["a"])), ..self::rule("a") };
    assert!(check(itself(), &[("a", &[])]).is_empty());
    assert!(!check(itself(), &[("a", &[]), ("a", &[])]).is_empty());
}

#[test]
fn calls_are_counted_and_effects_are_classes() {
    let two = Rule { at_most: Some(2), ..rule("x__*") };
    assert!(check(two.clone(), &[("x__a", &[]), ("x__b", &[])]).is_empty());
    assert!(check(two, &[("x__a", &[]), ("x__b", &[]), ("x__a", &[])])[0].contains("3 calls such as `s0` (x__a)"));
    let writes = Select(vec![Pattern::Effect(Effect::Write)]);
    let none = Rule { tools: writes, at_most: Some(0), ..rule("-") };
    assert!(check(none.clone(), &[("x__read", &[])]).is_empty());
    assert!(!check(none, &[("x__make", &[])]).is_empty());
}
