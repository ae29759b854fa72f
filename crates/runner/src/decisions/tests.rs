//! Who learns of which gates, and who decides at them.

use super::{Approval, By};
use crate::tests::{House, Told, served};
use base::Code;
use journal::{Digest, Entry, Gate, Kind, Payload, RunId, Status, StepPath};
use machine::State;
use serde_json::{Value, json};
use std::sync::Arc;

const THREE: &str = "
name: three
steps:
  - { name: takeover, gate: { prompt: Buy it?, approvers: [ada] } }
  - { name: layoffs, gate: { prompt: All of them?, approvers: [bert] } }
  - { name: nobody, gate: Well? }
";

fn by(actor: &str) -> By {
    By { actor: actor.to_owned(), ..By::default() }
}

fn at(step: &str) -> Approval {
    Approval { step: Some(step.to_owned()), ..Approval::default() }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_named_at_one_gate_learns_of_no_other() {
    let house = House::of(&[THREE], Told::default()).await;
    let run = house.start("three", json!({})).await;
    house.stands(run, Status::Waiting).await;
    for step in ["layoffs", "nobody", "nothing", "takeove"] {
        let refused = house.runner.approve(run, &at(step), &by("ada")).await.unwrap_err();
        assert_eq!(refused.code(), Code::GateUnknown, "as if it were not there: {refused}");
        assert!(refused.to_string().contains("at a gate: takeover"), "{refused}");
        let others = ["layoffs", "nobody", "bert"].into_iter().filter(|other| *other != step);
        assert!(others.into_iter().all(|other| !refused.to_string().contains(other)), "{refused}");
    }
    for approval in [at("takeover"), at("nothing"), Approval::default()] {
        let refused = house.runner.reject(run, &approval, &by("carl")).await.unwrap_err();
        assert_eq!(refused.code(), Code::GateForbidden);
        assert!(!["layoffs", "takeover", "ada"].iter().any(|name| refused.to_string().contains(name)), "{refused}");
    }
    // Whose run it is sees them all, and whoever runs the hub does.
    let refused = house.runner.approve(run, &Approval::default(), &by("local")).await.unwrap_err();
    assert!(refused.to_string().contains("takeover, layoffs, nobody"), "{refused}");
    let refused = house.runner.approve(run, &at("layoffs"), &by("local")).await.unwrap_err();
    assert_eq!((refused.code(), refused.next()), (Code::GateForbidden, "one of these is to decide: bert"));
    // The one gate at which they decide needs no name.
    assert_eq!(house.runner.approve(run, &Approval::default(), &by("ada")).await.unwrap(), "takeover");
}

/// A journal may have gates of which the plan says nothing: nobody but whoever runs the hub decides there, and nobody changes
/// what they show.
#[tokio::test(start_paused = true)]
async fn a_gate_without_a_rule_is_closed() {
    let text = "name: waits\nsteps:\n  - { name: wait, wait: { signal: go } }\n";
    let house = House::of(&[text], Told::default()).await;
    let run = house.start("waits", json!({})).await;
    house.stands(run, Status::Waiting).await;
    let listed = house.runner.run(run).await.unwrap();
    let state = with_gate(text, run);
    let path = StepPath::new("wait").unwrap();
    assert!(state.open_gates().any(|(open, _)| open == path) && state.gate_rule(&path).is_none());
    house.runner.trust_starters(true);
    for (by, may) in [(by("local"), false), (by("ada"), false), (By { everywhere: true, ..by("local") }, true)] {
        assert_eq!(house.runner.check_may(&listed, &state, &path, &by).is_ok(), may, "{by:?}");
    }
    let edited = Approval { edited: Some(Value::Null), ..Approval::default() };
    assert_eq!(super::check_edited(&state, &path, &edited).unwrap_err().code(), Code::GateForbidden);
}

/// The run with a gate at its step `wait`.
fn with_gate(text: &str, run: RunId) -> State {
    let served = served(text);
    let started = Kind::Started { definition: Digest::of(b""), parent: None };
    let gate = Gate { plan: Digest::of(b""), arguments: Digest::of(b""), expires: None };
    let path = StepPath::new("wait").unwrap();
    let entries = [
        Entry::of_run(1, started).with(Payload::new("{}").unwrap()),
        Entry::of_step(1, path, 0, Kind::GateOpened(gate)).with(Payload::new("{}").unwrap()),
    ];
    State::fold(Arc::clone(&served.plan), run, &entries).unwrap()
}
