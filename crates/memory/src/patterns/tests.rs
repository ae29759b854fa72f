use super::{Reader, Run, Summariser};
use crate::{
    Assembled, Audience, Content, How, Memory, NewFragment, Owner, Provenance, Receipt, Scope, Trust, WantedSummary,
    tokens,
};
use base::ports::Wait;
use base::{Code, Result};
use context::tokens::Family;
use journal::Digest;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Db;
use workflow::definition::{Action, Need, Step, Workflow};

const CANARY: &str = "canary-51c9";

/// What the steps of the examples gave, as their tools and models would.
struct Ran {
    owner: Owner,
    params: Value,
    outputs: Vec<(String, Value, Trust)>,
    before: Option<String>,
}

impl Ran {
    fn new(params: Value) -> Self {
        let owner =
            Owner { tenant: "acme".into(), user: "ann".into(), workflow: "example".into(), run: "run-1".into() };
        Self { owner, params, outputs: Vec::new(), before: None }
    }

    fn content((name, value, trust): &(String, Value, Trust)) -> Content {
        Content::new(format!("steps.{name}"), value.clone(), *trust)
    }
}

impl Run for Ran {
    fn owner(&self) -> &Owner {
        &self.owner
    }

    fn user_prompt(&self) -> Option<Content> {
        let value = self.params.get("user_prompt")?.clone();
        Some(Content::new("params.user_prompt", value, Trust::Trusted))
    }

    fn parameters(&self) -> Content {
        Content::new("params", self.params.clone(), Trust::Trusted)
    }

    fn output(&self, step: &str) -> Option<Content> {
        self.outputs.iter().find(|(name, ..)| name == step).map(Self::content)
    }

    fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    fn everything(&self) -> Vec<Content> {
        let params = self.params.as_object().into_iter().flatten();
        let params = params.map(|(name, value)| Content::new(format!("params.{name}"), value.clone(), Trust::Trusted));
        params.chain(self.outputs.iter().map(Self::content)).collect()
    }

    fn names(&self) -> Map<String, Value> {
        Map::from_iter([("params".to_owned(), self.params.clone())])
    }
}

/// Says how long the text was, and counts how often it was asked.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Summariser for Counting {
    fn prompt(&self) -> Digest {
        Digest::of(b"Make it shorter.")
    }

    fn summarise<'a>(&'a self, wanted: &'a WantedSummary) -> Wait<'a, String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(format!("{} bytes in short", wanted.text.len()))))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(clippy::disallowed_methods, reason = "the examples lie in the repository, which the product does not read")]
fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn workflows(name: &str, text: &str) -> Vec<Workflow> {
    workflow::read(name, text).unwrap()
}

/// The needs of the only step of a workflow that has any.
fn needs(yaml: &str) -> Vec<Need> {
    let text = format!(
        "name: w\nparams: [user_prompt, topic]\nsteps:\n  - {{ name: search, set: {{ a: b }} }}\n  - name: ask\n    tool: model_call\n    inputs: {{ model: m, prompt: hi }}\n    memory: {{ needs: [{yaml}] }}\n"
    );
    workflows("w.yaml", &text)[0].steps[1].memory.clone().unwrap().needs
}

async fn memory() -> Memory {
    Memory::open(Db::memory().await.unwrap()).await.unwrap()
}

async fn keep(memory: &Memory, run: &Ran, scope: &str, key: &str, text: &str, class: Option<&str>) {
    let scope = Scope::new(scope, &run.owner).unwrap();
    let new = NewFragment {
        scope,
        key: key.into(),
        text: text.into(),
        mime: "text/plain".into(),
        classification: class.map(str::to_owned),
        provenance: Provenance::person(),
        at: 1,
        ttl: None,
    };
    memory.write(&new).await.unwrap();
}

async fn context(memory: &Memory, needs: &[Need], run: &Ran, budget: Option<usize>) -> Result<Assembled> {
    let summariser = Counting::default();
    let reader = Reader { budget, family: Family::O200k, audience: Audience::Model, summariser: &summariser };
    memory.context(needs, run, reader, 2).await
}

#[tokio::test]
async fn every_pattern_finds_what_it_names() {
    let memory = memory().await;
    let mut run = Ran::new(json!({"user_prompt": "What is new?", "topic": "caching"}));
    run.outputs.push(("search".into(), json!({"hits": ["one", "two"]}), Trust::Untrusted));
    run.before = Some("search".into());
    keep(&memory, &run, "project", "style", "Be brief.", Some("rules")).await;
    keep(&memory, &run, "user", "cache", "caching saves time", None).await;
    let cases = [
        ("user_prompt", "What is new?"),
        ("topic", "caching"),
        ("parameters", "{\"user_prompt\":\"What is new?\",\"topic\":\"caching\"}"),
        ("tool_output(search)", "{\"hits\":[\"one\",\"two\"]}"),
        ("model_output(search)", "{\"hits\":[\"one\",\"two\"]}"),
        ("last_output", "{\"hits\":[\"one\",\"two\"]}"),
        ("{ from: tool_output(search), select: \"$.hits[*]\" }", "one\ntwo"),
        ("classification(rules)", "Be brief."),
        ("memory(project/style)", "Be brief."),
        ("\"search(memory, '{{ params.topic }}', k=3)\"", "caching saves time"),
        ("\"search(memory/user, 'caching')\"", "caching saves time"),
    ];
    for (pattern, expected) in cases {
        let needs = needs(pattern);
        let assembled = context(&memory, &needs, &run, None).await.unwrap();
        let text = assembled.memory.values().next().unwrap().as_str().unwrap();
        assert!(text.contains(expected), "{pattern}: {text}");
        let told = |one: &crate::Undeclared| one.source.starts_with("params.");
        assert_eq!(assembled.receipt.undeclared.iter().any(told), pattern != "parameters", "{pattern}");
        assert_eq!(text.starts_with("<untrusted"), pattern.contains("output"), "{pattern}: {text}");
    }
    let error = context(&memory, &needs("memory(project/missing)"), &run, None).await.unwrap_err();
    assert_eq!(error.code(), Code::ContextMissing);
}

#[tokio::test]
async fn a_summary_is_made_once() {
    let memory = memory().await;
    let mut run = Ran::new(json!({"user_prompt": "?"}));
    run.outputs.push(("search".into(), json!("long ".repeat(500)), Trust::Trusted));
    let (needs, summariser) = (needs("{ from: tool_output(search), max: 100, fit: summary }"), Counting::default());
    let reader = Reader { budget: None, family: Family::Any, audience: Audience::Model, summariser: &summariser };
    let first = memory.context(&needs, &run, reader, 2).await.unwrap();
    assert_eq!(first.memory["search_output"], "2500 bytes in short");
    assert_eq!(first.receipt.pieces[0].how, How::Summary { model: String::new(), cut: false });
    assert_eq!(memory.context(&needs, &run, reader, 3).await.unwrap(), first);
    assert_eq!(summariser.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_steps_write_is_there_for_later_steps() {
    let memory = memory().await;
    let run = Ran::new(json!({}));
    let text = "name: w\nsteps:\n  - name: ask\n    tool: model_call\n    inputs: { model: m, prompt: hi }\n    memory:\n      writes:\n        - { to: memory(project/facts), from: $.facts, ttl: 1d, classification: fact }\n        - { to: memory(project/none), from: $.nothing }\n";
    let writes = workflows("w.yaml", text)[0].steps[0].memory.clone().unwrap().writes;
    let provenance = Provenance { run: "run-1".into(), step: "ask".into(), attempt: 1, trust: Trust::Untrusted };
    let output = json!({"facts": [{"a": 1}]});
    let (written, nothing) = memory.remember(&writes, &run.owner, &output, &provenance, 1).await.unwrap();
    assert_eq!((written.len(), nothing), (1, vec!["none".to_owned()]));
    let assembled = context(&memory, &needs("memory(project/facts)"), &run, None).await.unwrap();
    assert!(assembled.memory["facts"].as_str().unwrap().contains("[{\"a\":1}]"));
    assert!(assembled.receipt.is_tainted());
}

#[tokio::test]
async fn what_a_receipt_names_by_its_handle_is_found_by_it() {
    let memory = memory().await;
    let run = Ran::new(json!({}));
    let text = "name: w\nsteps:\n  - name: ask\n    tool: model_call\n    inputs: { model: m, prompt: hi }\n    memory: { writes: [{ to: memory(project/facts) }] }\n";
    let writes = workflows("w.yaml", text)[0].steps[0].memory.clone().unwrap().writes;
    // A model reads lines, and not what is kept.
    for output in [json!(["one", "two"]), json!({"a": [1.50]}), json!("plain")] {
        memory.remember(&writes, &run.owner, &output, &Provenance::person(), 1).await.unwrap();
        let receipt = context(&memory, &needs("memory(project/facts)"), &run, None).await.unwrap().receipt;
        let handle = Digest::parse(&receipt.pieces[0].handle).unwrap();
        let found = memory.original("acme", handle).await.unwrap().unwrap();
        let kept = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
        assert_eq!(memory.text(&found).await.unwrap(), kept);
    }
}

/// All steps, those within others too.
fn all(steps: &[Step]) -> Vec<&Step> {
    steps
        .iter()
        .flat_map(|step| [step].into_iter().chain(step.body.iter().flat_map(|branch| all(&branch.steps))))
        .collect()
}

/// What a step of an example gives: much of it, and what the needs of the examples select.
fn output_of(step: &Step) -> (Value, Trust) {
    let line =
        |number: usize| json!({"path": "notes.md", "line": number, "text": format!("Line {number} about caching.")});
    match &step.action {
        Action::Tool(_) => {
            let matches: Vec<Value> = (0..200).map(line).collect();
            let entities = json!([{"name": "caching", "observations": ["Caching saves time.", "Caches grow stale."]}]);
            let text = "What has changed, and why. ".repeat(900);
            (json!({"matches": matches, "entities": entities, "text": text}), Trust::Untrusted)
        }
        _ => (json!(format!("What {} says. ", step.name).repeat(30)), Trust::Trusted),
    }
}

/// The receipts of all steps of a workflow that declare needs, each as if all steps before it in the file had ended.
async fn receipts(memory: &Memory, workflow: &Workflow) -> Vec<(String, Receipt)> {
    let mut run = Ran::new(json!({"user_prompt": "What do we know about caching?", "hidden": CANARY.repeat(20)}));
    let mut receipts = Vec::new();
    for step in all(&workflow.steps) {
        if let Some(declared) = step.memory.as_ref().filter(|memory| !memory.needs.is_empty()) {
            let budget = tokens(declared.budget, None);
            let assembled = context(memory, &declared.needs, &run, budget).await.unwrap();
            let again = context(memory, &declared.needs, &run, budget).await.unwrap();
            assert_eq!(assembled, again, "{}", step.name);
            assert!(!format!("{:?}{:?}", assembled.memory, assembled.blocks).contains(CANARY), "{}", step.name);
            receipts.push((step.name.clone(), assembled.receipt));
        }
        let (value, trust) = output_of(step);
        run.outputs.push((step.name.clone(), value, trust));
        run.before = Some(step.name.clone());
    }
    receipts
}

#[tokio::test]
async fn the_examples_have_these_receipts() {
    let names = [
        "detailed_research",
        "parallel_summariser",
        "release_notes",
        "research_and_publish",
        "sequential_elaboration",
        "summarise_files",
    ];
    let memory = memory().await;
    let mut told = Vec::new();
    for name in names {
        let path = root().join("examples/workflows").join(format!("{name}.yaml"));
        for workflow in workflows(name, &text_of(&path)) {
            for (step, receipt) in receipts(&memory, &workflow).await {
                assert!(receipt.total < receipt.full_context, "{name} {step}");
                assert!(receipt.budget.is_none_or(|budget| receipt.total <= budget), "{name} {step}");
                let saved = receipt.saved();
                told.push(json!({"workflow": workflow.name, "step": step, "saved": saved, "receipt": receipt}));
            }
        }
    }
    assert!(told.len() >= 8, "{}", told.len());
    let found = serde_json::to_string_pretty(&told).unwrap() + "\n";
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/receipts.json");
    let kept = text_of(&golden);
    if kept != found {
        let new = root().join("target/receipts.json");
        base::disk::write_atomic(&new, &found, false).unwrap();
        panic!("the receipts differ from {}: those of now are in {}", golden.display(), new.display());
    }
}
