//! Runs whose worker dies, and runs that begin in the middle of others.

use super::between::{Between, Hook};
use super::tools::{Does, House, NOW, Told, served};
use crate::Served;
use crate::{JournalRunner, Options, Start};
use base::ports::Principal;
use journal::{Append, Author, Decision, Entry, JournalStore, Kind, MemoryJournal, Rest, RunId, Status, Wait};
use memory::Memory;
use serde_json::{Map, json};
use std::sync::Arc;
use std::time::Duration;
use workflow::{Catalogue, Hints, Known, Tool};

const TWO: &str = "
name: two
params: { user_prompt: { type: string }, secret: { type: string, default: 'canary that nobody declares, and that nobody reads, in as many words as it takes to be worth while: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen' } }
steps:
  - name: search
    tool: mcp://web/search
    effect: read
    inputs: { query: '{{ params.user_prompt }}' }
  - name: answer
    tool: model_call
    memory: { needs: [user_prompt, 'tool_output(search)'] }
    inputs: { model: m, prompt: '{{ memory.user_prompt }} {{ memory.search_output }}' }
  - name: send
    tool: mcp://mail/send
    effect: unsafe
    inputs: { text: '{{ steps.answer.output }}' }
";

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_where_its_worker_died() {
    let told = Told::does(&[("answer", &[Does::Takes(60_000)])]);
    let house = House::of(&[TWO], told).await;
    let run = house.start("two", json!({"user_prompt": "Why?"})).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = house.outside.prompts.lock().unwrap().clone();
    let house = house.crash(&[TWO], Told::default());
    assert_eq!(house.end(run).await.0, Status::Succeeded);
    assert_eq!(house.outside.calls(), ["search:1", "answer:1", "answer:1", "send:1"]);
    assert!(before.is_empty());
    let prompts = house.outside.prompts.lock().unwrap().clone();
    assert_eq!(prompts.len(), 1);
    assert!(prompts[0].starts_with("Why? <untrusted source=\"steps.search\""), "{}", prompts[0]);
    assert!(!prompts[0].contains("canary"));
    let shown = house.runner.inspect(run).await.unwrap();
    let tokens = shown.steps.iter().find(|step| step.path == "answer").and_then(|step| step.context).unwrap();
    assert!(tokens.given < tokens.full_context, "{tokens:?}");
    // What was decided of the context before the crash is given again, and not decided anew.
    let words = house.words(run).await;
    assert_eq!(words.iter().filter(|word| *word == "scheduled").count(), 1, "{words:?}");
}

#[tokio::test(start_paused = true)]
async fn an_unsafe_effect_is_not_sent_again_after_a_crash() {
    let house = House::of(&[TWO], Told::does(&[("send", &[Does::Takes(60_000)])])).await;
    let run = house.start("two", json!({"user_prompt": "Why?"})).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let house = house.crash(&[TWO], Told::default());
    house.stands(run, Status::InDoubt).await;
    assert_eq!(house.outside.calls(), ["search:1", "answer:1", "send:1"]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_ends_gives_its_runs_back_at_once() {
    let house = House::of(&[TWO], Told::does(&[("send", &[Does::Takes(2_000)])])).await;
    let run = house.start("two", json!({"user_prompt": "Why?"})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    house.shutdown.cancel();
    let work = house.work;
    work.await.unwrap();
    let listed = house.runner.run(run).await.unwrap();
    // What was under way was waited for.
    assert_eq!((listed.worker, listed.last), (None, 6));
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_changes_does_not_touch_a_run() {
    let house = House::of(&[TWO], Told::does(&[("search", &[Does::Takes(5_000)])])).await;
    let run = house.start("two", json!({"user_prompt": "Why?"})).await;
    let other = "name: two\nsteps:\n  - name: other\n    tool: mcp://web/other\n";
    house.runner.serve(vec![super::tools::served(other)]);
    assert_eq!(house.end(run).await.0, Status::Succeeded);
    assert_eq!(house.outside.calls(), ["search:1", "answer:1", "send:1"]);
}

/// Tools of which a server says that they only read.
struct Harmless;

impl Catalogue for Harmless {
    fn tool(&self, _: &str, _: &str) -> Known<Tool> {
        let hints = Hints { read_only: Some(true), ..Hints::default() };
        Known::Yes(Tool { hints, ..Tool::default() })
    }
}

#[tokio::test(start_paused = true)]
async fn what_servers_say_of_their_tools_is_a_part_of_the_definition() {
    let text = "name: get\nsteps:\n  - name: get\n    tool: mcp://web/get\n";
    let careful = super::tools::served(text);
    let knowing = Served { plan: Arc::new(super::tools::plan(text, &Harmless)), source: text.into() };
    assert_ne!(careful.definition().unwrap(), knowing.definition().unwrap());
    let house = House::of(&[text], Told::default()).await;
    let first = house.start("get", json!({})).await;
    house.end(first).await;
    house.runner.serve(vec![knowing]);
    let second = house.start("get", json!({})).await;
    house.end(second).await;
    assert_eq!(house.words(first).await, ["started", "attempted", "succeeded", "finished"]);
    assert_eq!(house.words(second).await, ["started", "succeeded", "finished"]);
}

#[tokio::test(start_paused = true)]
async fn a_fork_begins_with_the_results_of_another_run() {
    let house = House::of(&[TWO], Told::does(&[("send", &[Does::Fails("T-0205")])])).await;
    let run = house.start("two", json!({"user_prompt": "Why?"})).await;
    assert_eq!(house.end(run).await.0, Status::Failed);
    let forked = house.runner.fork(run, "answer", &[], Principal::local()).await.unwrap().run;
    assert_eq!(house.end(forked).await.0, Status::Succeeded);
    assert_eq!(house.outside.calls(), ["search:1", "answer:1", "send:1", "answer:1", "send:1"]);
    let unknown = house.runner.fork(run, "nothing", &[], Principal::local()).await.unwrap_err();
    assert!(unknown[0].to_string().contains("search, answer, send"), "{}", unknown[0]);
}

#[tokio::test(start_paused = true)]
async fn an_export_has_all_that_is_kept() {
    let house = House::of(&[TWO], Told::default()).await;
    let run = house.start("two", json!({"user_prompt": "Why?"})).await;
    house.end(run).await;
    let export = house.runner.export(run).await.unwrap();
    assert_eq!(export["definition"]["source"], TWO);
    assert_eq!(export["journal"].as_array().unwrap().len() as u64, house.runner.run(run).await.unwrap().last);
    assert_eq!(export["run"]["status"], "succeeded");
}

/// Pauses a run as soon as its journal was read.
struct Pauses;

impl Hook for Pauses {
    fn before<'a>(&'a self, _: &'a dyn JournalStore, _: Option<&'a Append>) -> Wait<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn after(&self, _: Option<Rest>) {}

    fn read<'a>(&'a self, store: &'a dyn JournalStore, run: RunId) -> Wait<'a, ()> {
        Box::pin(async move {
            let decision = Decision { actor: "somebody".to_owned(), reason: None };
            let entries = vec![Entry::of_run(NOW, Kind::Paused(decision))];
            let (author, status) = (Author::Outside, Some(Status::Paused));
            store.append(Append { run, expected: 1, author, entries, status }).await.map(drop)
        })
    }
}

/// What happens while it is read is not half of what is told.
#[tokio::test(start_paused = true)]
async fn a_run_is_told_of_as_it_was_at_one_moment() {
    let store = Arc::new(Between { store: MemoryJournal::default(), hook: Pauses });
    let memory = Memory::open(store::Db::memory().await.unwrap()).await.unwrap();
    let runner = JournalRunner::new(store, Arc::new(Told::default()), memory, Options::of("nobody"));
    runner.serve(vec![served("name: one\nsteps:\n  - { name: get, tool: mcp://web/get, effect: read }\n")]);
    let run = runner.start(Start::of("one", Map::new())).await.unwrap().run;
    let shown = runner.inspect(run).await.unwrap();
    assert_eq!((shown.run.status, shown.run.last), (Status::Running, 1));
    assert_eq!(runner.run(run).await.unwrap().status, Status::Paused);
}
