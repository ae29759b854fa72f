use super::{Definitions, File, Gathered, gather, in_order, plans};
use crate::tests::{Files, examples};
use crate::{Effect, Nothing, Source};
use base::Error;
use std::sync::Arc;

fn file(name: &str, text: &str) -> File {
    File { source: Arc::new(Source::new(name, text)), part: name == "tutti.yaml" }
}

fn calling(name: &str, called: &str) -> File {
    file(&format!("{name}.yaml"), &format!("name: {name}\nsteps:\n  - name: sub\n    workflow: {called}\n"))
}

fn told(errors: &[Error]) -> Vec<String> {
    let place = |error: &Error| error.location().map(ToString::to_string).unwrap_or_default();
    errors.iter().map(|error| format!("{} {} {}", place(error), error.message(), error.next())).collect()
}

fn gathered(files: &[File]) -> Definitions {
    gather(files).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

#[test]
fn all_examples_are_planned_together() {
    let files: Vec<File> = examples().iter().map(|(name, text)| file(name, text)).collect();
    let definitions = gathered(&files);
    let plans = plans(&definitions, &Files::new());
    assert_eq!(plans.len(), definitions.len());
    for ((name, definition), plan) in definitions.iter().zip(plans) {
        let plan = plan.unwrap_or_else(|errors| panic!("{name}: {errors:#?}"));
        assert_eq!((plan.name(), &definition.workflow.name), (name.as_str(), name));
    }
}

#[test]
fn what_a_workflow_runs_is_known_from_its_own_plan() {
    let quiet = file("c.yaml", "name: c\nparams: { n: { type: integer } }\nsteps: [{ name: a, set: { b: 1 } }]\n");
    let files = [calling("a", "b"), calling("b", "c"), quiet];
    let plans = plans(&gathered(&files), &Nothing);
    let wrong = plans[1].as_ref().unwrap_err();
    assert_eq!(told(wrong), ["b.yaml:3:11 the workflow `c` needs `n`, which is missing give `n`"]);
    // Nothing but its own plan says that `c` has no effect; of what cannot be planned the worst is believed.
    assert_eq!(plans[0].as_ref().unwrap().effect(), Effect::Unsafe);
    assert_eq!(plans[2].as_ref().unwrap().effect(), Effect::Pure);
    let quiet = file("c.yaml", "name: c\nsteps: [{ name: a, set: { b: 1 } }]\n");
    let chain = super::plans(&gathered(&[calling("a", "b"), calling("b", "c"), quiet]), &Nothing);
    assert!(chain.iter().all(|plan| plan.as_ref().unwrap().effect() == Effect::Pure));
}

#[test]
fn workflows_that_run_each_other_are_told_with_the_circle() {
    let files = [calling("a", "b"), calling("b", "c"), calling("c", "a"), calling("d", "a"), calling("e", "e")];
    let plans = plans(&gathered(&files), &Nothing);
    let circle = |number: usize| told(plans[number].as_ref().unwrap_err())[0].clone();
    assert!(circle(0).contains("the workflow runs itself: `a` → `b` → `c` → `a`"), "{}", circle(0));
    assert!(circle(1).starts_with("b.yaml:4:15") && circle(2).contains("`c` → `a`"), "{} {}", circle(1), circle(2));
    assert!(circle(4).contains("`e` → `e`"), "{}", circle(4));
    assert!(plans[3].is_ok(), "what only leads into a circle has none of its own");
}

#[test]
fn a_name_that_no_file_has_gets_the_nearest_as_a_hint() {
    struct Closed;
    impl crate::Catalogue for Closed {
        fn tool(&self, _: &str, _: &str) -> crate::Known<crate::Tool> {
            crate::Known::Unknown
        }
        fn workflow(&self, _: &str) -> crate::Known<crate::SubWorkflowFacts> {
            crate::Known::No { known: Vec::new() }
        }
    }
    let files = [calling("reports", "rapport"), file("r.yaml", "name: report\nsteps: [{ name: a, wait: 1s }]")];
    let plans = plans(&gathered(&files), &Closed);
    let wrong = told(plans[1].as_ref().unwrap_err());
    assert_eq!(wrong, ["reports.yaml:4:15 there is no workflow `rapport` did you mean `report`?"]);
}

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let files = [
        file("a.yaml", "name: a\nsteps: []\n"),
        file("b.yaml", "name: b\nsteps: [{ name: x, wait: 1s }]\n"),
        file("c.yaml", "name: b\nsteps: [{ name: x, wait: 1s }]\n"),
        file("tutti.yaml", "key: k\nmain_llm: m\nworkflows:\n  d: { steps: [{ name: x, wiat: 1s }] }\n"),
    ];
    let wrong = told(&gather(&files).unwrap_err());
    assert_eq!(wrong.len(), 4, "{wrong:#?}");
    assert!(wrong[0].starts_with("a.yaml:2"), "{wrong:#?}");
    assert!(wrong[1].starts_with("c.yaml:1:7 b.yaml has a workflow `b` too"), "{wrong:#?}");
    assert!(wrong[2].starts_with("tutti.yaml:4") && wrong[2].contains("`wait`"), "{wrong:#?}");
}

#[test]
fn a_configuration_may_hold_the_older_form() {
    let text = "key: k\nservers: {}\nmain_llm: { provider: p, model: m }\nworkflows:\n  d: { steps: [{ name: x, tool: model_call, inputs: { prompt: hi } }] }\n";
    let definitions = gathered(&[file("tutti.yaml", text)]);
    assert_eq!(definitions["d"].workflow.model.as_ref().unwrap().model, "m");
    assert_eq!(definitions["d"].workflow.at.line, 5);
    assert_eq!(plans(&definitions, &Nothing).len(), 1);
}

#[test]
fn faults_of_form_hide_none_of_the_plan_in_any_file() {
    let files = [
        file(
            "a.yaml",
            "name: a\nsteps:\n  - { name: x, wiat: 1s }\n  - { name: y, set: { z: \"{{ steps.none.output }}\" } }\n",
        ),
        calling("b", "a"),
        file("c.yaml", "name: c\nsteps: [{ name: x, set: { y: \"{{ params.none }}\" } }]\n"),
        file("d.yaml", "name: [\n"),
        calling("e", "perhaps_of_d"),
    ];
    let mut gathered = Gathered::of(&files);
    let all = |gathered: &Gathered| {
        let plans = gathered.plans(&Nothing);
        let of_plans = plans.into_iter().flat_map(|(_, plan)| plan.err().unwrap_or_default());
        told(&in_order(gathered.errors().iter().cloned().chain(of_plans).collect()))
    };
    let wrong = all(&gathered);
    let places: Vec<&str> = wrong.iter().filter_map(|error| error.split(' ').next()).collect();
    assert_eq!(places[..3], ["a.yaml:3:16", "a.yaml:3:13", "a.yaml:4:30"], "{wrong:#?}");
    assert!(places[3].starts_with("d.yaml") && places[4].starts_with("c.yaml") && places.len() == 5, "{wrong:#?}");
    // Mended files take the place of those of the same names.
    gathered.add(Gathered::of(&[file("a.yaml", "name: a\nsteps: [{ name: x, wait: 1s }]\n")]));
    let wrong = all(&gathered);
    assert!(wrong.len() == 2 && !wrong.iter().any(|error| error.starts_with("a.yaml")), "{wrong:#?}");
}
