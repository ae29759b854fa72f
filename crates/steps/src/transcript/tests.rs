use super::Transcript;
use crate::model::Question;
use base::Code;
use base::ports::{Principal, Spoken};
use journal::{Effect, IdempotencyKey, RunId, StepPath};
use memory::transcript::{Role, Turn};
use memory::{Filter, Memory, Scope, Scopes};
use runner::{Calling, SoFar};
use serde_json::json;
use std::sync::Arc;
use store::Db;
use workflow::{Nothing, Plan, Source, read};

fn calling(path: StepPath, attempt: u32) -> Calling {
    let text = "name: w\nmodel: small\nsteps:\n  - { name: ask, tool: model_call, inputs: { prompt: hi } }\n";
    calling_of(text, path, attempt)
}

/// A call of the step at `path` of this workflow.
pub(crate) fn calling_of(text: &str, path: StepPath, attempt: u32) -> Calling {
    let workflow = read("w.yaml", text).unwrap().remove(0);
    let plan = Plan::of(&workflow, &Source::new("w.yaml", text), &Nothing).unwrap();
    let run = RunId::new(1, [7; 10]);
    let key = IdempotencyKey::new(run, &path, 0);
    let (plan, principal, so_far) = (Arc::new(plan), Principal::local(), SoFar::default());
    Calling { run, plan, principal, path, attempt, key, effect: Effect::Unsafe, reserved: None, so_far }
}

fn question(calling: &Calling) -> Question {
    let inputs = json!({"system": "Be brief.", "prompt": "What is new?", "tools": ["mcp://*"]});
    Question::of(inputs.as_object().unwrap(), &calling.plan).unwrap()
}

async fn memory() -> Memory {
    Memory::open(Db::memory().await.unwrap()).await.unwrap()
}

fn scope(calling: &Calling) -> Scope {
    Scope::at("default", &format!("run:{}", calling.run)).unwrap()
}

async fn said(memory: &Memory, calling: &Calling, agent: &str) -> Vec<(Role, String)> {
    let turns = memory.turns(&scope(calling), agent, 1, 100).await.unwrap();
    turns.into_iter().map(|turn| (turn.role, turn.text)).collect()
}

#[tokio::test]
async fn a_talk_is_kept_turn_by_turn_and_each_is_read_by_its_handle() {
    let (memory, first) = (memory().await, calling(StepPath::new("ask").unwrap(), 1));
    let transcript = Transcript::begin(&memory, &first, (&question(&first), None)).await.unwrap();
    let long = "word ".repeat(200_000);
    let spoken = vec![
        Spoken::Words(String::new()),
        Spoken::Call("search".into(), "{\"q\":1}".into()),
        Spoken::Result("search".into(), long.clone()),
    ];
    transcript.add(spoken).await.unwrap();
    transcript.add(vec![Spoken::Words("Nothing is.".into())]).await.unwrap();
    let told = said(&memory, &first, "ask").await;
    let roles: Vec<Role> = told.iter().map(|(role, _)| *role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::ToolCall, Role::ToolResult, Role::Assistant]);
    assert!(told[3].1.len() < long.len() && told[3].1.ends_with("more bytes were left out]"), "{}", told[3].1.len());
    // What a tool gave comes from outside, and is found by its handle alone.
    let result = &memory.turns(&scope(&first), "ask", 4, 1).await.unwrap()[0];
    let kept = memory.original("default", result.handle().unwrap()).await.unwrap().unwrap();
    assert_eq!((kept.provenance.step.as_str(), kept.provenance.trust.word()), ("ask", "untrusted"));
    assert_eq!(Turn::read(&memory.text(&kept).await.unwrap()).unwrap(), *result);
    // Another attempt goes on behind it.
    let second = calling(StepPath::new("ask").unwrap(), 2);
    Transcript::begin(&memory, &second, (&question(&second), None)).await.unwrap();
    assert_eq!(said(&memory, &second, "ask").await.len(), 7);
    let listed = Filter { tenant: "default".into(), scopes: Scopes::of("run:"), after: None, most: 10 };
    let listed = memory.list(&listed, 1).await.unwrap();
    assert_eq!((listed.len(), listed[0].key.as_str(), listed[0].version), (1, "transcript/ask", 7));
    assert_eq!(listed[0].provenance.attempt, 2);
}

#[tokio::test]
async fn what_is_kept_whole_has_a_handle_by_which_a_model_gets_it_back() {
    let (memory, calling) = (memory().await, calling(StepPath::new("ask").unwrap(), 1));
    let transcript = Transcript::begin(&memory, &calling, (&question(&calling), None)).await.unwrap();
    let spoken = vec![
        Spoken::Words(String::new()),
        Spoken::Call("search".into(), "{}".into()),
        Spoken::Result("search".into(), "a heron".into()),
        Spoken::Result("search".into(), "word ".repeat(200_000)),
    ];
    let kept = transcript.add(spoken).await.unwrap();
    let numbers: Vec<Option<u64>> = kept.iter().map(|kept| kept.as_ref().map(|kept| kept.number)).collect();
    assert_eq!(numbers, [None, Some(3), Some(4), None], "what is too long is not there as it was");
    let handle = &kept[2].as_ref().unwrap().handle;
    let told = transcript.recall(handle, 100).await.unwrap();
    assert!(told.starts_with("<untrusted source=\"search\"") && told.contains("\na heron\n"), "{told}");
    assert!(transcript.recall(handle, 3).await.unwrap().ends_with("[4 more bytes are left out]"));
    for wrong in ["", "a", &"0".repeat(64)] {
        assert_eq!(transcript.recall(wrong, 100).await.unwrap_err().code(), Code::MemoryUnknown, "{wrong}");
    }
    // Another run has nothing of it.
    let other = Calling { run: RunId::new(2, [7; 10]), ..calling };
    let other = Transcript::begin(&memory, &other, (&question(&other), None)).await.unwrap();
    assert_eq!(other.recall(handle, 100).await.unwrap_err().code(), Code::MemoryUnknown);
}

#[tokio::test]
async fn items_rounds_and_models_of_a_step_have_talks_of_their_own() {
    let memory = memory().await;
    let long = "x".repeat(150);
    let cases = [
        (StepPath::new("ask").unwrap().item(3), None, "ask/item-3"),
        (StepPath::new("ask").unwrap().item(3).iteration(1), Some(0), "ask/item-3/round-1/model-0"),
        (StepPath::new("größer als/x").unwrap(), None, "gr__er_als_x"),
        (StepPath::new(&long).unwrap(), None, &long[..48]),
    ];
    for (path, part, agent) in cases {
        let calling = calling(path, 1);
        Transcript::begin(&memory, &calling, (&question(&calling), part)).await.unwrap();
        assert_eq!(said(&memory, &calling, agent).await.len(), 2, "{agent}");
    }
}

#[tokio::test]
async fn who_goes_on_elsewhere_is_not_mixed_in() {
    let (memory, calling) = (memory().await, calling(StepPath::new("ask").unwrap(), 1));
    let lost = Transcript::begin(&memory, &calling, (&question(&calling), None)).await.unwrap();
    let now = Transcript::begin(&memory, &calling, (&question(&calling), None)).await.unwrap();
    lost.add(vec![Spoken::Words("old".into())]).await.unwrap();
    now.add(vec![Spoken::Words("new".into())]).await.unwrap();
    lost.add(vec![Spoken::Words("old".into())]).await.unwrap();
    let told = said(&memory, &calling, "ask").await;
    assert_eq!((told.len(), told[4].1.as_str()), (5, "new"));
}
