//! Properties over random graphs, and over texts of every kind.

use super::{Files, examples};
use crate::{Nothing, Plan, Source, draw, explain, printed, read};
use proptest::prelude::*;
use std::fmt::Write;

/// A workflow of so many steps; each uses some of the others, whichever way.
fn workflow(steps: &[(u8, Vec<prop::sample::Index>)], forwards: bool) -> String {
    let mut text = "name: generated\nparams: { p: {} }\nsteps:\n".to_owned();
    for (index, (kind, uses)) in steps.iter().enumerate() {
        let others = if forwards { index } else { steps.len() };
        let uses: Vec<usize> =
            if others == 0 { Vec::new() } else { uses.iter().map(|one| one.index(others)).collect() };
        let used: String = uses.iter().map(|other| format!(" {{{{ steps.s{other}.output }}}}")).collect();
        let after: Vec<String> = uses.iter().map(|other| format!("s{other}")).collect();
        let after = after.join(", ");
        let _ = match kind % 7 {
            0 => writeln!(text, "- {{ name: s{index}, set: {{ x: \"{{{{ params.p }}}}{used}\" }} }}"),
            1 => writeln!(text, "- {{ name: s{index}, tool: model_call, inputs: {{ prompt: \"x{used}\" }} }}"),
            2 => writeln!(text, "- {{ name: s{index}, wait: 1s, after: [{after}] }}"),
            3 => writeln!(text, "- {{ name: s{index}, gate: \"?{used}\", when: \"params.p > 1\" }}"),
            4 => writeln!(
                text,
                "- name: s{index}\n  for_each: [1, 2]\n  steps: [{{ name: i{index}, set: {{ x: \"{{{{ item }}}}{used}\" }} }}, {{ name: j{index}, wait: 1s, after: i{index} }}]"
            ),
            5 => writeln!(
                text,
                "- name: s{index}\n  switch: {{ value: \"params.p\", cases: {{ a: [{{ name: i{index}, set: {{ x: \"y{used}\" }} }}] }}, default: [{{ name: j{index}, wait: 1s }}] }}"
            ),
            _ => writeln!(
                text,
                "- name: s{index}\n  repeat: {{ until: \"iteration > 1\" }}\n  tool: mcp://files/read_file\n  inputs: {{ path: \"x{used}\" }}"
            ),
        };
    }
    text
}

fn steps() -> impl Strategy<Value = Vec<(u8, Vec<prop::sample::Index>)>> {
    prop::collection::vec((any::<u8>(), prop::collection::vec(any::<prop::sample::Index>(), 0..4)), 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_respects_every_edge(steps in steps()) {
        let text = workflow(&steps, true);
        let workflow = read("a.yaml", &text).unwrap().remove(0);
        let plan = Plan::of(&workflow, &Source::new("a.yaml", &text), &Files::new()).unwrap();
        let place = |step: usize| plan.order().iter().position(|place| *place == step).unwrap();
        prop_assert_eq!(plan.order().len(), plan.steps().len());
        for (index, planned) in plan.steps().iter().enumerate() {
            for edge in &planned.waits {
                prop_assert!(place(edge.on) < place(index));
                prop_assert!(!edge.reasons.is_empty());
                // Edges join steps that stand beside each other.
                prop_assert_eq!(plan.steps()[edge.on].parent, planned.parent);
                prop_assert_eq!(plan.steps()[edge.on].branch, planned.branch);
            }
            let within = planned.branches.iter().flat_map(|branch| &branch.steps);
            prop_assert!(within.clone().all(|inner| plan.steps()[*inner].parent == Some(index)));
            prop_assert!(within.clone().all(|inner| plan.steps()[*inner].effect <= planned.effect));
        }
        prop_assert!(Plan::from_json(&plan.to_json().unwrap()).unwrap() == plan);
        prop_assert!(read("b.yaml", &printed(&workflow)).unwrap() == [workflow]);
        for drawn in [draw::ascii(&plan), draw::mermaid(&plan), draw::svg(&plan), explain::explanation(&plan)] {
            prop_assert!(plan.steps().iter().all(|planned| drawn.contains(&planned.step.name)));
        }
    }

    #[test]
    fn a_graph_has_an_order_or_a_circle_is_told(steps in steps()) {
        let text = workflow(&steps, false);
        let workflow = read("a.yaml", &text).unwrap().remove(0);
        match Plan::of(&workflow, &Source::new("a.yaml", &text), &Nothing) {
            Ok(plan) => prop_assert_eq!(plan.order().len(), plan.steps().len()),
            Err(errors) => prop_assert!(errors.iter().all(|error| ["T-1103", "T-1104"].contains(&error.code().id())), "{:?}", errors),
        }
    }

    #[test]
    fn no_change_of_an_example_does_harm(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), length in 0_usize..12, text in "[ -~\n]{0,8}") {
        let examples = examples();
        let (file, whole) = &examples[which.index(examples.len())];
        let characters: Vec<char> = whole.chars().collect();
        let at = at.index(characters.len());
        let changed: String = characters[..at].iter().copied().chain(text.chars()).chain(characters.iter().skip(at + length).copied()).collect();
        if let Ok(workflows) = read(file, &changed) {
            for workflow in workflows {
                prop_assert!(read(file, &printed(&workflow)).is_ok_and(|again| again == [workflow.clone()]), "{}", changed);
                let _ = Plan::of(&workflow, &Source::new(file, &changed), &Files::new());
            }
        }
    }
}

#[test]
fn the_largest_graph_takes_little() {
    // Every step uses those before it, as many as templates may name: nothing here is quadratic in the size of the file.
    let steps: Vec<(u8, Vec<prop::sample::Index>)> = (0..crate::limits::STEPS).map(|_| (0, Vec::new())).collect();
    let mut text = workflow(&steps, true);
    let all: String = (0..crate::limits::STEPS - 1).map(|other| format!(" {{{{ steps.s{other}.output }}}}")).collect();
    text = text.replace(
        &format!("name: s{}, set: {{ x: \"", crate::limits::STEPS - 1),
        &format!("name: s{}, set: {{ x: \"{all}", crate::limits::STEPS - 1),
    );
    let workflow = read("a.yaml", &text).unwrap().remove(0);
    let plan = Plan::of(&workflow, &Source::new("a.yaml", &text), &Nothing).unwrap();
    assert_eq!(plan.steps().last().unwrap().waits.len(), crate::limits::STEPS - 1);
    assert!(draw::svg(&plan).ends_with("</svg>\n"));
}
