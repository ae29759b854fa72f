use super::{permitted, steps};
use crate::outside::{Answer, Calling, Outside, Reads};
use crate::plans::{Plans, Served};
use crate::{JournalRunner, Options, Start};
use base::ports::Principal;
use base::{Code, Error};
use journal::{Amount, Digest};
use machine::{Price, Task, Work};
use memory::WantedSummary;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use workflow::plan::PlannedStep;
use workflow::{Nothing, Plan, Source, read};

/// Refuses every tool of the server `shut`, unless it is open.
#[derive(Default)]
struct Shut {
    open: AtomicBool,
}

impl Outside for Shut {
    fn call<'a>(&'a self, _: &'a Task, _: &'a Calling) -> Answer<'a> {
        panic!("nothing is called")
    }

    fn summarise<'a>(&'a self, _: &'a WantedSummary, _: &'a Calling) -> Answer<'a> {
        panic!("nothing is called")
    }

    fn most_of_summary(&self, _: &WantedSummary, _: &Calling) -> Amount {
        Amount::default()
    }

    fn summary_prompt(&self) -> Digest {
        Digest::of(b"")
    }

    fn reads(&self, _: &Plan, _: &PlannedStep) -> Reads {
        panic!("nothing is read")
    }

    fn price(&self, _: &Plan, _: &PlannedStep, _: &Work) -> Price {
        Price::fixed(Amount::default())
    }

    fn refused(&self, plan: &Plan, sure: &[usize], _: &Principal) -> Vec<(String, Error)> {
        if self.open.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let steps = sure.iter().map(|place| &plan.steps()[*place].step);
        let shut = steps.filter_map(|step| match &step.action {
            workflow::definition::Action::Tool(call) if call.server == "shut" => {
                Some((step.name.clone(), call.address()))
            }
            _ => None,
        });
        shut.map(|(step, tool)| (step, Error::new(Code::UnknownTool, format!("there is no tool `{tool}`"), "look")))
            .collect()
    }
}

fn served(text: &str) -> Served {
    let workflow = read("w.yaml", text).unwrap().remove(0);
    let plan = Plan::of(&workflow, &Source::new("w.yaml", text), &Nothing).unwrap();
    Served { source: text.into(), plan: Arc::new(plan) }
}

const OUTER: &str = r#"
name: outer
steps:
  - { name: free, tool: mcp://open/a }
  - { name: first, tool: mcp://shut/a, after: free }
  - { name: perhaps, tool: mcp://shut/b, when: "1 > 2" }
  - { name: each, tool: mcp://shut/c, for_each: [1, 2] }
  - { name: forgiven, tool: mcp://shut/d, on_error: continue }
  - { name: replaced, tool: mcp://open/b, on_error: { step: instead } }
  - { name: instead, tool: mcp://shut/e }
  - name: group
    steps:
      - { name: within, tool: mcp://shut/f }
  - name: chosen
    switch: { value: "1", cases: { a: [{ name: one, tool: mcp://shut/g }] } }
  - { name: sub, workflow: inner }
"#;

const INNER: &str = "name: inner\nsteps: [{ name: deep, tool: mcp://shut/h }]\n";

#[test]
fn only_what_surely_runs_is_looked_at() {
    let plan = served(OUTER).plan;
    let sure: Vec<&str> = steps(&plan).iter().map(|place| plan.steps()[*place].step.name.as_str()).collect();
    assert_eq!(sure, ["free", "first", "group", "within", "chosen", "sub"]);
}

#[test]
fn one_error_names_all_that_would_be_refused() {
    let plans = Plans::default();
    let (outer, inner) = (served(OUTER), served(INNER));
    plans.serve(vec![outer.clone(), inner]);
    let error = permitted(&plans, &Shut::default(), &outer.plan, &Principal::local()).unwrap_err();
    assert_eq!(error.code(), Code::UnknownTool);
    let expected = "the workflow `outer` would fail for whoever starts it: `first`: there is no tool `mcp://shut/a`; \
                    `within`: there is no tool `mcp://shut/f`; `deep`: there is no tool `mcp://shut/h`";
    assert_eq!(error.message(), expected);
    let free = served("name: free\nsteps: [{ name: a, tool: mcp://open/a }]\n");
    assert!(permitted(&plans, &Shut::default(), &free.plan, &Principal::local()).is_ok());
}

#[tokio::test]
async fn who_has_started_a_run_gets_it_again_by_its_key_whatever_they_may_by_now() {
    let memory = memory::Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let outside = Arc::new(Shut { open: AtomicBool::new(true) });
    let journal = Arc::new(journal::MemoryJournal::default());
    let runner = JournalRunner::new(journal, Arc::clone(&outside) as _, memory, Options::of("w"));
    runner.serve(vec![served("name: one\nsteps: [{ name: a, tool: mcp://shut/a }]\n")]);
    let start = |key: &str, name: &str| Start {
        deduplication: Some(key.to_owned()),
        principal: Principal { name: name.to_owned(), ..Principal::local() },
        ..Start::of("one", serde_json::Map::new())
    };
    let first = runner.start(start("k", "ada")).await.unwrap();
    assert!(first.new);
    outside.open.store(false, Ordering::Relaxed);
    let again = runner.start(start("k", "ada")).await.unwrap();
    assert_eq!((again.run, again.new), (first.run, false));
    for other in [start("l", "ada"), start("k", "bob")] {
        assert_eq!(runner.start(other).await.unwrap_err()[0].code(), Code::UnknownTool);
    }
    runner.serve(Vec::new());
    assert_eq!(runner.start(start("k", "ada")).await.unwrap().run, first.run, "also where it is served no more");
}
