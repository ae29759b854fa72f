use super::{Part, Plan, Reason};
use crate::definition::Origin;
use crate::tests::{Files, planned};
use crate::{Effect, Hints, Known, Nothing, Source, Tool, read};
use base::Code;
use std::collections::BTreeSet;

fn waits(plan: &Plan, step: &str) -> BTreeSet<String> {
    let (_, planned) = plan.step(step).unwrap();
    planned.waits.iter().map(|edge| plan.steps()[edge.on].step.name.clone()).collect()
}

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn edges_come_from_what_is_used() {
    let (_, plan) = planned(
        r#"
name: a
params: { p: {} }
steps:
  - { name: last, set: { x: "{{ steps.loop.outputs }} {{ steps.asked.output }}" } }
  - { name: list, set: { x: 1 } }
  - { name: flag, set: { x: 1 } }
  - { name: note, set: { x: 1 } }
  - name: loop
    when: "steps.flag.output.x > 0"
    for_each: "[steps.list.output.x]"
    steps:
      - { name: inner, set: { y: "{{ item }} {{ memory.note_output }}" } }
      - { name: second, wait: 1s, after: [inner] }
    output: "{{ steps.inner.output }}"
  - { name: asked, tool: model_call, after: list, memory: { needs: [last_output, "tool_output(note)"] }, inputs: { prompt: x } }
"#,
    );
    assert_eq!(waits(&plan, "last"), names(&["loop", "asked"]));
    assert_eq!(waits(&plan, "loop"), names(&["list", "flag", "note"]));
    assert_eq!(waits(&plan, "second"), names(&["inner"]));
    assert_eq!(waits(&plan, "inner"), names(&[]));
    assert_eq!(waits(&plan, "asked"), names(&["list", "loop", "note"]));
    let (_, outer) = plan.step("loop").unwrap();
    let reasons: Vec<&Reason> = outer.waits.iter().flat_map(|edge| &edge.reasons).collect();
    assert!(reasons.contains(&&Reason::Need { by: "inner".to_owned(), name: "note_output".to_owned() }));
    let path = "steps.flag.output.x".to_owned();
    assert!(reasons.contains(&&Reason::Reference { by: "loop".to_owned(), part: Part::When, path }));
    let inner = plan.step("inner").unwrap().1;
    assert!(inner.needs.iter().any(|need| need.implied && matches!(need.from, Origin::ToolOutput(_))));
    assert_eq!(inner.uses, ["item", "memory.note_output"]);
    assert_eq!(plan.results().len(), 1);
}

#[test]
fn a_handler_comes_after_what_failed() {
    let (_, plan) = planned(
        "name: a\nsteps:\n  - { name: b, tool: mcp://files/read_file, inputs: { path: x }, on_error: { step: c } }\n  \
         - { name: c, set: { x: \"{{ steps.b.error }}\" } }\n",
    );
    assert_eq!(waits(&plan, "c"), names(&["b"]));
    assert_eq!(plan.step("c").unwrap().1.instead_of, [0]);
    assert_eq!(plan.results(), Vec::<usize>::new());
}

fn effect(hints: Hints, operator: Option<Effect>, said: &str) -> Result<(Effect, String), Code> {
    let mut catalogue = Files::new();
    catalogue.tools.insert("own".to_owned(), Tool { hints, effect: operator, ..Tool::default() });
    let text = format!("name: a\nsteps: [{{ name: b, tool: mcp://files/own{said} }}]");
    let workflow = read("a.yaml", &text).unwrap().remove(0);
    let plan = Plan::of(&workflow, &Source::new("a.yaml", &text), &catalogue).map_err(|errors| errors[0].code())?;
    Ok((plan.steps()[0].effect, plan.steps()[0].effect_reason.clone()))
}

#[test]
fn what_models_call_that_are_lent_tools_is_not_known_before() {
    let query = |tools: &str| {
        let text = format!(
            "name: a\nsteps: [{{ name: b, tool: parallel_query, inputs: {{ queries: [{{ model: m, prompt: x{tools} }}] }} }}]"
        );
        let workflow = read("w.yaml", &text).unwrap().remove(0);
        Plan::of(&workflow, &Source::new("w.yaml", text.as_str()), &Nothing).unwrap().steps()[0].effect
    };
    assert_eq!(query(""), Effect::Read);
    assert_eq!(query(", tools: [mcp://s/t]"), Effect::Unsafe);
}

#[test]
fn an_effect_is_what_is_known_or_stricter() {
    let reads = Hints { read_only: Some(true), ..Hints::default() };
    let repeats = Hints { idempotent: Some(true), ..Hints::default() };
    let known = |hints, operator, said| effect(hints, operator, said).map(|(effect, _)| effect);
    assert_eq!(known(Hints::default(), None, ""), Ok(Effect::Unsafe));
    assert_eq!(known(reads, None, ""), Ok(Effect::Read));
    assert_eq!(known(repeats, None, ""), Ok(Effect::Idempotent));
    assert_eq!(known(repeats, None, ", effect: unsafe"), Ok(Effect::Unsafe));
    assert_eq!(known(repeats, None, ", effect: read"), Err(Code::WorkflowEffect));
    assert_eq!(known(Hints::default(), Some(Effect::Read), ""), Ok(Effect::Read));
    assert_eq!(known(reads, Some(Effect::Unsafe), ", effect: read"), Err(Code::WorkflowEffect));
    assert_eq!(known(reads, Some(Effect::Idempotent), ", effect: idempotent"), Ok(Effect::Idempotent));
    assert!(effect(reads, None, "").unwrap().1.contains("readOnlyHint"));
    assert!(effect(reads, Some(Effect::Read), "").unwrap().1.contains("operator"));
}

#[test]
fn a_workflow_that_runs_itself_by_way_of_others_is_refused() {
    let mut catalogue = Files::new();
    let mut learn = |text: &str| {
        let workflow = read("a.yaml", text).unwrap().remove(0);
        let plan = Plan::of(&workflow, &Source::new("a.yaml", text), &catalogue);
        if let Ok(plan) = &plan {
            catalogue.learn(&workflow, plan);
        }
        plan.map_err(|errors| errors[0].clone())
    };
    learn("name: b\nsteps: [{ name: s, wait: 1s }]").unwrap();
    learn("name: a\nsteps: [{ name: s, workflow: b }]").unwrap();
    let error = learn("name: b\nsteps: [{ name: s, workflow: a }]").unwrap_err();
    assert_eq!(error.code(), Code::WorkflowCycle);
    assert!(error.message().contains("`b` → `a` → `b`"), "{error}");
}

#[test]
fn a_plan_of_another_release_is_refused() {
    let (_, plan) = planned("name: a\nsteps: [{ name: b, wait: 1s }]");
    let text = plan.to_json().unwrap();
    assert!(
        Plan::from_json(&text.replacen("\"version\":1", "\"version\":2", 1))
            .unwrap_err()
            .message()
            .contains("version 2")
    );
    assert!(Plan::from_json("{").is_err());
}

#[test]
fn the_hash_is_of_what_is_said_and_not_of_how() {
    let one = planned("name: a\nsteps: [{ name: b, wait: 60s }]").1;
    let other = planned("# a comment\nsteps:\n- wait: 1m\n  name: b\nname: a\n").1;
    let third = planned("name: a\nsteps: [{ name: b, wait: 61s }]").1;
    assert_eq!(one.hash(), other.hash());
    assert_ne!(one.hash(), third.hash());
}

#[test]
fn what_nobody_uses_is_warned_of() {
    let (_, plan) = planned("name: a\noutput: 1\nsteps: [{ name: b, set: { x: 1 } }]");
    assert_eq!(plan.warnings()[0].message, "nobody uses what `b` gives");
    assert_eq!(plan.warnings()[0].line, 3);
}

#[test]
fn without_a_catalogue_only_the_file_is_checked() {
    let text = "name: a\nsteps: [{ name: b, tool: mcp://none/such, effect: read, inputs: { x: 1 } }]";
    let workflow = read("a.yaml", text).unwrap().remove(0);
    let plan = Plan::of(&workflow, &Source::new("a.yaml", text), &crate::Nothing).unwrap();
    assert_eq!(plan.steps()[0].effect, Effect::Read);
    assert_eq!(crate::Catalogue::workflow(&crate::Nothing, "x"), Known::Unknown);
}
