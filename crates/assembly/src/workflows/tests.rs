use super::{Available, Versions, listed};
use crate::config;
use crate::wiring::{Resolved, resolve};
use base::environment::Environment;
use serde_json::json;
use tools::catalogue::{Catalogue as Lists, Item, LeftOut};
use workflow::{Catalogue, Definitions, Effect, Known, plans};

const OWN: &str = r#"
servers:
  files: { builtin: files, write: true }
  notes: { builtin: files }
  git: { command: git-server, tools: { "log*": { effect: read } } }
  old: { command: x, enabled: false }
models:
  providers:
    near: { url: "http://127.0.0.1:1/v1", models: [small] }
  deployments: { near/large: { context_length: 9000 }, near/small: { context_length: 4000 } }
  routes: { default: { use: [near/large, near/small] } }
prompts: ["*.md"]
workflows: ["*.yaml"]
"#;

fn configured(own: &str, workflow: &str) -> (tempfile::TempDir, Resolved) {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| base::disk::write_atomic(&folder.path().join(name), text, false).unwrap();
    put("tutti.yaml", own);
    put("w.yaml", workflow);
    put("summary.md", "---\nparameters: { text: { type: string } }\n---\n{{ text }}\n");
    let environment = Environment::from_pairs([("PATH", "/bin")], folder.path());
    let loaded = config::load(&environment, None).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let resolved = resolve(&loaded).unwrap_or_else(|errors| panic!("{errors:#?}"));
    (folder, resolved)
}

fn available() -> (tempfile::TempDir, Available) {
    let (folder, resolved) = configured(OWN, "name: w\nsteps: [{ name: a, wait: 1s }]\n");
    let available = Available::of(&resolved);
    (folder, available)
}

fn known<T: std::fmt::Debug>(answer: Known<T>) -> Vec<String> {
    match answer {
        Known::No { known } => known,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_configuration_tells_what_there_is() {
    let (_folder, available) = available();
    let Known::Yes(read) = available.tool("files", "read_file") else { panic!("it is there") };
    assert_eq!((read.hints.effect(), read.effect), (Effect::Read, None));
    assert!(read.input_schema.unwrap()["properties"]["path"].is_object() && read.output_schema.is_some());
    assert!(known(available.tool("notes", "write_file")).iter().all(|tool| tool.starts_with("mcp://notes/")));
    assert_eq!(available.tool("git", "commit"), Known::Unknown);
    let Known::Yes(log) = available.tool("git", "log_of") else { panic!("the operator knows it") };
    assert_eq!((log.effect, log.input_schema), (Some(Effect::Read), None));
    assert!(matches!(available.tool("old", "x"), Known::Forbidden { why } if why.contains("`old` is switched off")));
    assert_eq!(known(available.tool("file", "read_file")), ["mcp://files/read_file"]);
    assert_eq!(
        known(available.tool("elsewhere", "x")),
        ["mcp://files", "mcp://git", "mcp://notes", "mcp://old", "mcp://prompts", "mcp://workflows"]
    );
    let Known::Yes(prompt) = available.prompt("summary") else { panic!("it is there") };
    assert_eq!(prompt.params[0].name, "text");
    assert_eq!(known(available.prompt("sumary")), ["summary"]);
    let window = |provider, model| match available.model(provider, model) {
        Known::Yes(facts) => facts.window,
        other => panic!("{other:?}"),
    };
    assert_eq!((window(None, "default"), window(Some("near"), "large")), (Some(4000), Some(9000)));
    assert_eq!((window(None, "near/other"), window(None, "small")), (None, Some(4000)));
    assert_eq!(known(available.model(None, "defualt")), ["default", "small"]);
    assert_eq!(known(available.model(Some("far"), "x")), ["default", "small"]);
    assert_eq!(available.prompt_version("summary", "v9"), Known::Unknown, "files have no versions");
    let version = |number: i64, digest: &str| prompts::Version {
        digest: digest.to_owned(),
        number,
        created_at: 0,
        origin: "file".to_owned(),
    };
    let labels = [("latest", "bbbb2"), ("production", "aaaa1")].map(|(label, of)| (label.to_owned(), of.to_owned()));
    let versions = Versions {
        all: vec![version(1, "aaaa1"), version(2, "bbbb2")],
        labels: labels.into(),
        served: "aaaa1".to_owned(),
    };
    let available = available.with_versions([("summary".to_owned(), versions)].into());
    for (named, served) in [("production", true), ("v1", true), ("aaaa", true), ("latest", false), ("2", false)] {
        assert_eq!(available.prompt_version("summary", named), Known::Yes(served), "{named}");
    }
    assert_eq!(known(available.prompt_version("summary", "prodution")), ["latest", "production", "v1", "v2"]);
    assert_eq!(available.prompt_version("other", "v1"), Known::Unknown);
    let without = available.with_prompts([]);
    assert_eq!(known(without.prompt("summary")), [""; 0]);
}

#[test]
fn what_a_hub_has_learned_counts() {
    let tool = json!({
        "name": "commit", "inputSchema": {"type": "object"}, "annotations": {"idempotentHint": true},
    });
    let lists = Lists {
        tools: vec![Item { key: "commit".into(), json: tool.to_string() }],
        left_out: vec![LeftOut { tool: "odd".into(), why: "its header is against the specification".into() }],
        ..Lists::default()
    };
    let (_folder, mut available) = available();
    available.servers.get_mut("git").unwrap().tools = listed("git", &lists);
    let Known::Yes(commit) = available.tool("git", "commit") else { panic!("it is there") };
    assert_eq!((commit.hints.effect(), commit.output_schema), (Effect::Idempotent, None));
    assert_eq!(known(available.tool("git", "comit")), ["mcp://git/commit"]);
    assert!(matches!(available.tool("git", "odd"), Known::Forbidden { why } if why.contains("header")));
    let nobody = Lists { unapproved: true, ..Lists::default() };
    available.servers.get_mut("git").unwrap().tools = listed("git", &nobody);
    assert!(matches!(available.tool("git", "commit"), Known::Forbidden { why } if why.contains("approve")));
}

fn faults(definitions: &Definitions, available: &Available) -> Vec<String> {
    let plans = plans(definitions, available);
    let errors = plans.into_iter().filter_map(Result::err).flatten();
    errors.map(|error| format!("{} {}", error.message(), error.next())).collect()
}

#[test]
fn workflows_are_planned_without_a_hub() {
    let text = "name: w\nsteps:\n  - { name: a, tool: \"mcp://fils/read_file\", inputs: { path: x } }\n  - { name: b, tool: \"mcp://files/read_file\", inputs: { pth: x } }\n  - { name: c, tool: \"mcp://git/commit\", inputs: { any: thing } }\n  - { name: d, tool: model_call, inputs: { model: defualt, prompt: hi } }\n  - { name: e, prompt: summary, inputs: {} }\n  - { name: f, workflow: v }\n";
    let (_folder, resolved) = configured(OWN, text);
    let told = faults(&resolved.workflows, &Available::of(&resolved));
    let expected = [
        "there is no tool `mcp://fils/read_file` did you mean `mcp://files/read_file`?",
        "`mcp://files/read_file`: `inputs`",
        "`mcp://files/read_file`: `inputs.pth`",
        "there is no model `defualt` did you mean `default`?",
        "the prompt `summary` needs `text`, which is missing give `text`",
        "there is no workflow `v`",
    ];
    for expected in expected {
        assert!(told.iter().any(|fault| fault.starts_with(expected)), "{expected}: {told:#?}");
    }
}

#[test]
fn the_example_workflows_fit_their_configuration() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/workflows");
    let environment = Environment::from_pairs([("PATH", "/bin")], &examples);
    let loaded = config::load(&environment, None).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let resolved = resolve(&loaded).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert!(resolved.workflows.len() >= 10, "{:?}", resolved.workflows.keys());
    for plan in plans(&resolved.workflows, &Available::of(&resolved)) {
        let plan = plan.unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert_eq!(plan.warnings(), [], "{}", plan.name());
    }
}
