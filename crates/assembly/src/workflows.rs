//! What the workflows of a configuration may call, as far as it is known: from the configuration alone, or from a hub too.

use crate::wiring::Resolved;
use base::Error;
use base::config::nearest;
use prompts::Prompt;
use resilience::retry;
use serde_json::Value;
use std::collections::BTreeMap;
use tools::Hub;
use tools::catalogue::Catalogue as Lists;
use tools::config::{Server, Transport};
use workflow::approval::Approvals;
use workflow::definition::Parameter;
use workflow::{Catalogue, Definitions, Effect, Hints, Known, ModelFacts, PromptFacts, SubWorkflowFacts, Tool};

/// The most names that an answer brings, for a hint.
const SHOWN: usize = 1_000;

/// What there is to call, as it was when it was looked at.
#[derive(Debug, Clone)]
pub struct Available {
    servers: BTreeMap<String, Upstream>,
    models: llm::config::Settings,
    /// What is known of prompts by their names; nothing where there may be prompts that nobody told of.
    prompts: Option<BTreeMap<String, PromptFacts>>,
    /// The versions of those of which they are known.
    versions: BTreeMap<String, Versions>,
    /// Which calls wait for a person.
    approvals: Option<Approvals>,
}

/// What is known of the tools of an upstream.
#[derive(Debug, Clone)]
struct Upstream {
    protection: protection::Protection,
    tools: Tools,
}

#[derive(Debug, Clone)]
enum Tools {
    /// Nothing.
    Unknown,
    /// None can be called, for this reason.
    Off(String),
    /// These are there, and these are there and may not be called, each with the reason.
    Listed(BTreeMap<String, Tool>, BTreeMap<String, String>),
}

/// The versions of a prompt.
#[derive(Debug, Clone)]
pub(crate) struct Versions {
    pub(crate) all: Vec<prompts::Version>,
    /// The digests of those that labels are on.
    pub(crate) labels: BTreeMap<String, String>,
    /// The digest of the one that is served.
    pub(crate) served: String,
}

impl Available {
    /// What a configuration alone tells: which servers there are, the tools of those that are built in, the models, and the
    /// prompts of files.
    pub fn of(resolved: &Resolved) -> Self {
        let servers = resolved.settings.servers.iter();
        let upstream = |server: &Server| Upstream { protection: server.protection.clone(), tools: offline(server) };
        Self {
            servers: servers.map(|server| (server.name.clone(), upstream(server))).collect(),
            models: resolved.models.clone(),
            prompts: resolved.prompts.as_deref().map(by_name),
            versions: BTreeMap::new(),
            approvals: resolved.runs.approval.clone(),
        }
    }

    /// The same with what `hub`, which serves the configuration, has learned of its upstreams. Of one that was never reached
    /// nothing more is known.
    #[must_use]
    pub fn with_hub(mut self, hub: &Hub) -> Self {
        for (name, upstream) in &mut self.servers {
            if let Some(served) = hub.upstream(name).filter(|served| served.is_known()) {
                upstream.tools = listed(name, &served.catalogue());
            }
        }
        self
    }

    /// The same with all prompts that are served, those of files and those that were imported: no others are there.
    #[must_use]
    pub fn with_prompts<'a>(mut self, served: impl IntoIterator<Item = &'a Prompt>) -> Self {
        self.prompts = Some(by_name(served));
        self
    }

    /// The same with the versions of prompts, by the names of these.
    #[must_use]
    pub(crate) fn with_versions(self, versions: BTreeMap<String, Versions>) -> Self {
        Self { versions, ..self }
    }

    /// What is wrong with workflows that may call this, each fault with the name of its workflow.
    pub fn faults(&self, definitions: &Definitions) -> Vec<(String, Error)> {
        let plans = definitions.keys().zip(workflow::plans(definitions, self));
        let faults = plans.flat_map(|(name, plan)| plan.err().into_iter().flatten().map(|error| (name.clone(), error)));
        faults.collect()
    }

    /// The addresses of tools, for a hint: those of the server, or where it is not configured, what may be meant.
    fn addresses(&self, server: &str, tool: &str) -> Vec<String> {
        match self.servers.get(server).map(|upstream| &upstream.tools) {
            Some(Tools::Listed(tools, _)) => {
                tools.keys().take(SHOWN).map(|tool| format!("mcp://{server}/{tool}")).collect()
            }
            Some(_) => Vec::new(),
            None => match nearest(server, self.servers.keys().map(String::as_str)) {
                Some(near) => vec![format!("mcp://{near}/{tool}")],
                None => self.servers.keys().take(SHOWN).map(|server| format!("mcp://{server}")).collect(),
            },
        }
    }
}

/// What is known of a server that nobody has asked.
fn offline(server: &Server) -> Tools {
    if !server.enabled {
        return Tools::Off(format!("the server `{}` is switched off (`enabled: false`)", server.name));
    }
    match &server.transport {
        Transport::Files { root, write } => {
            let opened = files::Files::open(files::Options { root: root.clone(), write: *write });
            opened.map_or(Tools::Unknown, |files| {
                Tools::Listed(files.tools().iter().filter_map(tool).collect(), BTreeMap::new())
            })
        }
        // What is handed in lists prompts, and no tools.
        Transport::Within(_) => Tools::Listed(BTreeMap::new(), BTreeMap::new()),
        _ => Tools::Unknown,
    }
}

/// What an upstream lists.
fn listed(server: &str, lists: &Lists) -> Tools {
    if lists.unapproved {
        return Tools::Off(format!("nobody has approved the server `{server}` yet; `tutti server approve {server}`"));
    }
    let tools = lists.tools.iter().filter_map(|item| tool(&base::json::from_text(&item.json).ok()?)).collect();
    let waiting = lists.waits(tools::catalogue::Kind::Tool).keys().map(|tool| {
        (tool.clone(), "it waits until somebody approves it; see `tutti tool diff` and `tutti tool approve`".to_owned())
    });
    let left_out = lists.left_out.iter().map(|left| (left.tool.clone(), format!("it is left out: {}", left.why)));
    Tools::Listed(tools, waiting.chain(left_out).collect())
}

/// A tool of its definition (specification 2025-11-25, tools).
fn tool(definition: &Value) -> Option<(String, Tool)> {
    let hint = |name: &str| definition["annotations"][name].as_bool();
    let hints = Hints {
        read_only: hint("readOnlyHint"),
        idempotent: hint("idempotentHint"),
        destructive: hint("destructiveHint"),
    };
    let schema = |name: &str| definition.get(name).filter(|schema| schema.is_object()).cloned();
    let (input_schema, output_schema) = (schema("inputSchema"), schema("outputSchema"));
    Some((definition["name"].as_str()?.to_owned(), Tool { hints, effect: None, input_schema, output_schema }))
}

fn by_name<'a>(prompts: impl IntoIterator<Item = &'a Prompt>) -> BTreeMap<String, PromptFacts> {
    let parameter = |known: &prompts::Parameter| Parameter {
        name: known.name.clone(),
        description: known.description.clone(),
        required: known.required,
        default: known.default.clone(),
        schema: known.schema.clone(),
        at: workflow::Spot::default(),
    };
    let one = |prompt: &Prompt| {
        let params = prompt.parameters.iter().map(parameter).collect();
        (prompt.name.clone(), PromptFacts { params, route: prompt.model.route.clone() })
    };
    prompts.into_iter().map(one).collect()
}

/// What the operator says of a tool, in the words of workflows.
fn effect(said: retry::Effect) -> Effect {
    match said {
        retry::Effect::Read => Effect::Read,
        retry::Effect::Idempotent => Effect::Idempotent,
        retry::Effect::Write => Effect::Unsafe,
    }
}

impl Catalogue for Available {
    fn tool(&self, server: &str, tool: &str) -> Known<Tool> {
        let absent = || Known::No { known: self.addresses(server, tool) };
        let Some(upstream) = self.servers.get(server) else { return absent() };
        match &upstream.tools {
            Tools::Unknown => match upstream.protection.of(tool).effect {
                // The operator's word counts, whatever else is known.
                Some(said) => Known::Yes(Tool { effect: Some(effect(said)), ..Tool::default() }),
                None => Known::Unknown,
            },
            Tools::Off(why) => Known::Forbidden { why: why.clone() },
            Tools::Listed(tools, refused) => match (tools.get(tool), refused.get(tool)) {
                (Some(known), _) => {
                    let said = upstream.protection.of(tool).effect.map(effect);
                    Known::Yes(Tool { effect: said, ..known.clone() })
                }
                (None, Some(why)) => Known::Forbidden { why: why.clone() },
                (None, None) => absent(),
            },
        }
    }

    fn approvals(&self) -> Option<&Approvals> {
        self.approvals.as_ref()
    }

    fn workflow(&self, _: &str) -> Known<SubWorkflowFacts> {
        // All workflows are those of the configuration, which `workflow::plans` knows.
        Known::No { known: Vec::new() }
    }

    fn prompt(&self, name: &str) -> Known<PromptFacts> {
        let Some(prompts) = &self.prompts else { return Known::Unknown };
        match prompts.get(name) {
            Some(facts) => Known::Yes(facts.clone()),
            None => Known::No { known: prompts.keys().take(SHOWN).cloned().collect() },
        }
    }

    fn prompt_version(&self, prompt: &str, version: &str) -> Known<bool> {
        let Some(Versions { all, labels, served }) = self.versions.get(prompt) else { return Known::Unknown };
        match (prompts::Names { versions: all, labels }).meant(version) {
            Some(meant) => Known::Yes(meant.digest == *served),
            None => {
                let numbers = all.iter().map(|version| format!("v{}", version.number));
                Known::No { known: labels.keys().cloned().chain(numbers).take(SHOWN).collect() }
            }
        }
    }

    /// Where none is configured, workflows can still be tried with answers that are written down.
    fn knows_models(&self) -> bool {
        !self.models.names().is_empty()
    }

    fn model(&self, provider: Option<&str>, model: &str) -> Known<ModelFacts> {
        let found = match provider {
            None => self.models.deployments_of(model),
            Some(provider) => self.models.deployments_of(&format!("{provider}/{model}")),
        };
        match found {
            // A route may lead to any of them, so that the least counts.
            Some(all) => {
                let window = all.iter().filter_map(|deployment| self.models.window(deployment)).min();
                Known::Yes(ModelFacts { window })
            }
            None => Known::No { known: self.models.names().into_iter().take(SHOWN).map(str::to_owned).collect() },
        }
    }
}

#[cfg(test)]
mod tests;
