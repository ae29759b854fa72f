//! Deployments: one model at one provider, and what is said of it.

use super::{Limits, ModelFile, capabilities, money};
use base::Code;
use base::config::{Entry, Problems, Section};
use model::SaidPrice;
use routing::Capabilities;

/// One model at one provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Deployment {
    /// The name of the provider.
    pub provider: String,
    /// The model, as the provider names it.
    pub model: String,
}

impl Deployment {
    /// Reads `provider/model`.
    pub fn parse(text: &str) -> Option<Self> {
        let (provider, model) = text.split_once('/')?;
        let whole = !provider.is_empty() && !model.is_empty();
        whole.then(|| Self { provider: provider.to_owned(), model: model.to_owned() })
    }
}

impl std::fmt::Display for Deployment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.provider, self.model)
    }
}

/// What the configuration says of a deployment, before all tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Described {
    /// What it costs, as far as that is said.
    pub price: Option<SaidPrice>,
    /// How many tokens input and output may have together.
    pub context_length: Option<u64>,
    /// How many tokens an answer may have.
    pub max_output: Option<u64>,
    /// What it is capable of, and nothing else.
    pub capabilities: Option<Capabilities>,
    /// The file of the model, where the provider runs one of this machine.
    pub file: Option<ModelFile>,
    /// How much it is asked, where that is limited.
    pub limits: Option<Limits>,
}

pub(super) fn read(
    problems: &Problems,
    file: &str,
    entry: &Entry,
    providers: &[&Entry],
) -> Option<(Deployment, Described)> {
    let path = format!("models.deployments.{}", entry.key);
    let mut section = Section::new(problems, file, &path, &entry.node)?;
    let known = |deployment: &Deployment| providers.iter().any(|provider| provider.key == deployment.provider);
    let deployment = Deployment::parse(&entry.key).filter(known);
    if deployment.is_none() {
        let names: Vec<&str> = providers.iter().map(|provider| provider.key.as_str()).collect();
        let next = format!("write `provider/model`, with one of these providers: {}", names.join(", "));
        section.problem("", Code::ConfigNameInvalid, format!("`{}` is no deployment", entry.key), next);
    }
    let mut tokens = |key| section.integer(key, 1..=i64::MAX).and_then(|tokens| u64::try_from(tokens).ok());
    let (context_length, max_output) = (tokens("context_length"), tokens("max_output"));
    let price = money::price(&mut section);
    let said = section.node("capabilities").is_some();
    let capabilities = capabilities::read(&mut section, "capabilities");
    let file = section.text("file").map(ModelFile::new);
    let limits = Limits::read(&mut section);
    section.finish();
    let capabilities = said.then_some(capabilities);
    Some((deployment?, Described { price, context_length, max_output, capabilities, file, limits }))
}
