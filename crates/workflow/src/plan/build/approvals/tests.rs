//! Which calls wait for a person.

use crate::approval::Approvals;
use crate::catalogue::{Catalogue, Known, Tool};
use crate::draw;
use crate::effect::{Effect, Hints};
use crate::explain::explanation;
use crate::plan::Plan;
use crate::source::Source;
use base::Error;

/// Knows `mcp://read/…`, which only reads, and nothing else.
struct Asks(Approvals);

impl Catalogue for Asks {
    fn tool(&self, server: &str, _: &str) -> Known<Tool> {
        match server {
            "read" => {
                Known::Yes(Tool { hints: Hints { read_only: Some(true), ..Hints::default() }, ..Tool::default() })
            }
            _ => Known::Unknown,
        }
    }

    fn approvals(&self) -> Option<&Approvals> {
        Some(&self.0)
    }
}

fn planned(approvals: Approvals, steps: &str) -> Result<Plan, Vec<Error>> {
    let text = format!("name: w\nparams: {{ p: {{ required: false }} }}\nsteps:\n{steps}");
    let workflow = crate::read("w.yaml", &text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}")).remove(0);
    Plan::of(&workflow, &Source::new("w.yaml", &text), &Asks(approvals))
}

fn all_unsafe() -> Approvals {
    Approvals { effects: vec![Effect::Unsafe], ..Approvals::default() }
}

/// The names of the steps that wait.
fn waiting(approvals: Approvals, steps: &str) -> Vec<String> {
    let plan = planned(approvals, steps).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let waits = plan.steps().iter().filter(|planned| planned.approval.is_some());
    waits.map(|planned| planned.step.name.clone()).collect()
}

#[test]
fn what_the_configuration_names_waits_and_nothing_else() {
    let steps = "- { name: a, tool: mcp://read/a }\n\
        - { name: b, tool: mcp://mail/send }\n\
        - { name: c, tool: mcp://mail/send, effect: read }\n\
        - { name: d, plan: { plan: '{{ params.p }}', tools: ['mcp://read/*'] } }\n\
        - { name: e, tool: model_call, inputs: { prompt: x, model: m } }\n";
    assert_eq!(waiting(all_unsafe(), steps), ["b", "c", "d"], "a file is not believed where nothing is known");
    let tools = Approvals { tools: vec!["mcp://read/a".to_owned()], ..Approvals::default() };
    assert_eq!(waiting(tools, steps), ["a", "d"]);
    assert!(waiting(Approvals::default(), steps).is_empty());
}

#[test]
fn what_may_destroy_waits_and_where_nothing_is_said_it_may() {
    use crate::{Hints, Tool};
    let hints = |read_only, destructive| Hints { read_only, idempotent: None, destructive };
    for (hints, effect, may) in [
        (hints(None, None), None, true),
        (hints(None, Some(true)), None, true),
        (hints(None, Some(false)), None, false),
        (hints(Some(true), Some(true)), None, false),
        (hints(None, None), Some(Effect::Read), false),
        (hints(Some(true), None), Some(Effect::Unsafe), true),
        (hints(None, Some(false)), Some(Effect::Idempotent), false),
    ] {
        let tool = Tool { hints, effect, ..Tool::default() };
        assert_eq!(tool.may_destroy(), may, "{tool:?}");
    }
    let approvals = Approvals { destructive: true, ..Approvals::default() };
    let steps = "- { name: a, tool: mcp://read/a }\n- { name: b, tool: mcp://mail/send }\n";
    assert_eq!(waiting(approvals, steps), ["b"], "nothing is known of `mail`");
}

/// What a gate of the file shows need not be what is sent: loops, handlers of errors and filters of templates come between.
#[test]
fn a97_a_gate_of_the_file_takes_the_place_of_none() {
    let send = "- { name: send, tool: mcp://mail/send, after: [ask], inputs: { to: '{{ params.p }}' } }\n";
    for gate in [
        "gate: { prompt: 'To {{ params.p }}?' }",
        "gate: { prompt: 'To {{ params.p }}?', approvers: [anna] }",
        "gate: { prompt: 'To {{ params.p | length }}?' }",
        "gate: { prompt: May it?, show: '{{ params.p }}', edit: true }",
    ] {
        assert_eq!(waiting(all_unsafe(), &format!("- {{ name: ask, {gate} }}\n{send}")), ["send"], "{gate}");
    }
    let within = "- { name: ask, gate: { prompt: 'All of {{ params.p }}?' } }\n\
        - name: each\n  after: [ask]\n  for_each: params.p\n  steps:\n\
        \x20 - { name: one, tool: mcp://mail/send, inputs: { to: '{{ params.p }}' } }\n";
    assert_eq!(waiting(all_unsafe(), within), ["one"]);
}

#[test]
fn what_undoes_waits_too() {
    let step = "- { name: a, tool: mcp://read/a, compensate: { tool: mcp://mail/recall } }\n";
    let plan = planned(all_unsafe(), step).unwrap();
    let step = &plan.steps()[0];
    assert!(step.approval.is_none() && step.undo_approval.is_some());
    assert_eq!(Plan::from_json(&plan.to_json().unwrap()).unwrap(), plan);
}

#[test]
fn what_cannot_be_shown_before_is_refused() {
    for step in [
        "- { name: a, tool: mcp://mail/send, memory: { needs: [parameters] }, inputs: { to: x } }\n",
        "- { name: a, tool: mcp://other/a, on_in_doubt: { probe: { tool: mcp://mail/look } } }\n",
    ] {
        let errors = planned(all_unsafe(), step).unwrap_err();
        assert!(errors.iter().any(|error| error.code() == base::Code::WorkflowTool), "{errors:#?}");
    }
}

#[test]
fn people_are_told_before_anything_runs() {
    let approvals = Approvals { expires: Some(86_400_000), ..all_unsafe() };
    let plan = planned(approvals, "- { name: send, tool: mcp://mail/send }\n").unwrap();
    let told = explanation(&plan);
    assert!(told.contains("waits for 24h until a person has approved exactly this call"), "{told}");
    for drawn in [draw::ascii(&plan), draw::mermaid(&plan), draw::svg(&plan)] {
        assert!(drawn.contains("approval"), "{drawn}");
    }
}
