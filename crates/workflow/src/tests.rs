use crate::catalogue::{Catalogue, Known, ModelFacts, PromptFacts, SubWorkflowFacts, Tool};
use crate::definition::Workflow;
use crate::effect::Hints;
use crate::{Plan, Source, read};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod broken;
mod generated;

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(clippy::disallowed_methods, reason = "the examples lie in the repository, which the product does not read")]
pub(crate) fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// What the examples have: the tools of the server `files`, and each other.
#[derive(Default)]
pub(crate) struct Files {
    pub(crate) tools: BTreeMap<String, Tool>,
    pub(crate) workflows: BTreeMap<String, SubWorkflowFacts>,
    /// Whether a step needs a model.
    pub(crate) models: bool,
}

impl Files {
    pub(crate) fn new() -> Self {
        let files = files::Files::open(files::Options { root: root().join("examples"), write: true }).unwrap();
        let tools = files.tools().into_iter().map(|tool| {
            let hint = |name: &str| tool["annotations"][name].as_bool();
            let known = Tool {
                hints: Hints {
                    read_only: hint("readOnlyHint"),
                    idempotent: hint("idempotentHint"),
                    destructive: hint("destructiveHint"),
                },
                effect: None,
                input_schema: Some(tool["inputSchema"].clone()),
                output_schema: Some(tool["outputSchema"].clone()),
            };
            (tool["name"].as_str().unwrap().to_owned(), known)
        });
        Self { tools: tools.collect(), workflows: BTreeMap::new(), models: false }
    }

    pub(crate) fn learn(&mut self, workflow: &Workflow, plan: &Plan) {
        let facts = SubWorkflowFacts {
            params: workflow.params.clone(),
            output_schema: workflow.output_schema.clone(),
            effect: plan.effect(),
            calls: plan.calls(),
            budget: workflow.budget,
        };
        self.workflows.insert(workflow.name.clone(), facts);
    }
}

impl Catalogue for Files {
    fn tool(&self, server: &str, tool: &str) -> Known<Tool> {
        let known = || self.tools.keys().map(|tool| format!("mcp://files/{tool}")).collect();
        match server {
            "files" => self.tools.get(tool).cloned().map_or_else(|| Known::No { known: known() }, Known::Yes),
            // Servers of which nothing is known before they are asked.
            "git" | "knowledge" | "site" | "time" => Known::Unknown,
            "vault" => Known::Forbidden { why: "its server is for operators alone".to_owned() },
            _ => Known::No { known: known() },
        }
    }

    fn workflow(&self, name: &str) -> Known<SubWorkflowFacts> {
        let known = || self.workflows.keys().cloned().collect();
        self.workflows.get(name).cloned().map_or_else(|| Known::No { known: known() }, Known::Yes)
    }

    fn prompt(&self, name: &str) -> Known<PromptFacts> {
        match name {
            "plain" => Known::Yes(PromptFacts::default()),
            "routed" => Known::Yes(PromptFacts { params: Vec::new(), route: Some("fast".to_owned()) }),
            _ => Known::Unknown,
        }
    }

    fn prompt_version(&self, prompt: &str, version: &str) -> Known<bool> {
        match (prompt, version) {
            (_, "latest" | "v2") => Known::Yes(true),
            (_, "v1") => Known::Yes(false),
            _ => Known::No { known: ["latest", "production", "v1", "v2"].map(str::to_owned).to_vec() },
        }
    }

    fn knows_models(&self) -> bool {
        self.models
    }

    fn model(&self, provider: Option<&str>, model: &str) -> Known<ModelFacts> {
        match (provider, model) {
            (None, "default" | "fast" | "strong") => Known::Yes(ModelFacts { window: Some(8192) }),
            (None, _) => Known::No { known: ["default", "fast", "strong"].map(str::to_owned).to_vec() },
            (Some(_), _) => Known::Unknown,
        }
    }
}

/// The example files, sorted.
pub(crate) fn examples() -> Vec<(String, String)> {
    let folder = root().join("examples/workflows");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yaml") && !path.ends_with("tutti.yaml"));
    paths.retain(|path| !path.to_string_lossy().ends_with(".test.yaml"));
    paths.sort();
    let named = |path: &PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), text_of(path));
    paths.iter().map(named).collect()
}

/// The plans of all examples, by their names.
pub(crate) fn plans() -> BTreeMap<String, (Workflow, Plan)> {
    let mut catalogue = Files::new();
    let mut plans = BTreeMap::new();
    let mut later = Vec::new();
    for (file, text) in examples() {
        for workflow in read(&file, &text).unwrap_or_else(|errors| panic!("{errors:#?}")) {
            later.push((workflow, Source::new(&file, &text)));
        }
    }
    // Those that run others come last.
    later.sort_by_key(|(workflow, _)| {
        workflow.steps.iter().any(|step| matches!(step.action, crate::definition::Action::Workflow(_)))
    });
    for (workflow, source) in later {
        let plan = Plan::of(&workflow, &source, &catalogue).unwrap_or_else(|errors| panic!("{errors:#?}"));
        assert_eq!(plan.warnings(), [], "{}", workflow.name);
        catalogue.learn(&workflow, &plan);
        plans.insert(workflow.name.clone(), (workflow, plan));
    }
    plans
}

/// One workflow and its plan.
pub(crate) fn planned(text: &str) -> (Workflow, Plan) {
    let workflow = read("test.yaml", text).unwrap_or_else(|errors| panic!("{errors:#?}")).remove(0);
    let plan = Plan::of(&workflow, &Source::new("test.yaml", text), &Files::new());
    let plan = plan.unwrap_or_else(|errors| panic!("{errors:#?}"));
    (workflow, plan)
}

#[test]
fn every_example_is_read_and_planned() {
    let plans = plans();
    assert!(plans.len() >= 9, "{:?}", plans.keys());
    for (name, (workflow, plan)) in &plans {
        assert_eq!(plan.hash().len(), 64);
        assert!(!plan.steps().is_empty(), "{name}");
        let written = plan.to_json().unwrap();
        assert_eq!(&Plan::from_json(&written).unwrap(), plan, "{name}");
        let json: Value = serde_json::to_value(workflow).unwrap();
        assert_eq!(&serde_json::from_value::<Workflow>(json).unwrap(), workflow);
    }
}
