//! The section `models` of the configuration: providers of models, and the names under which clients ask for them.

mod tools;

pub use tools::ToolSettings;

use crate::dialect::{Dialect, Endpoint};
use base::config::{Entry, Node, Problems, Section, entries};
use base::{Code, Error, Secret};
use http::{HeaderName, HeaderValue};
use openapi::Address;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the section says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where models are, by name.
    pub providers: BTreeMap<String, Provider>,
    /// Names that clients ask for, and the deployments behind each.
    pub routes: BTreeMap<String, Route>,
    /// What holds for tools of the hub that models call.
    pub tools: ToolSettings,
}

/// A service that serves models.
#[derive(Debug, Clone)]
pub struct Provider {
    /// What it is.
    pub kind: Kind,
    /// Where it is: the origin, and the path before the paths of its endpoints.
    pub address: Address,
    /// The credential of every request.
    pub api_key: Option<Secret<String>>,
    /// More headers of every request.
    pub headers: Vec<(String, Secret<String>)>,
    /// The dialects that it speaks. What clients ask in another is translated into the first.
    pub dialects: Vec<Dialect>,
    /// The models that clients may name without the provider.
    pub models: Vec<String>,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// The largest answer that is read whole, and the largest event of a stream, in bytes.
    pub answer_limit: usize,
    /// Why it cannot be asked, where a variable or a secret is missing that its entry uses.
    pub fault: Option<Error>,
}

impl Provider {
    /// Where what a client asks at `endpoint` is asked of it: there, or else in its first dialect.
    pub fn endpoint(&self, endpoint: Endpoint, stream: bool) -> Option<Endpoint> {
        if self.dialects.contains(&endpoint.dialect()) {
            return Some(endpoint);
        }
        endpoint.in_dialect(*self.dialects.first()?, stream)
    }

    /// Whether `other` is asked in the same way.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let told = |fault: &Option<Error>| fault.as_ref().map(|error| error.message().to_owned());
        let ways = |one: &Self| (one.kind, one.address.clone(), one.timeouts, one.answer_limit, told(&one.fault));
        ways(self) == ways(other)
            && (&self.api_key, &self.headers) == (&other.api_key, &other.headers)
            && (&self.models, &self.dialects) == (&other.models, &other.dialects)
    }
}

/// How long is waited for a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the first thing that a model says; for all of an answer that does not come piece by piece.
    pub answer: Duration,
    /// Between two pieces of a stream.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self { connect: second * 10, answer: second * 600, idle: second * 120 }
    }
}

/// What a provider is: which endpoints it has, and how it knows its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// OpenAI itself.
    OpenAi,
    /// A server that speaks OpenAI's dialects: llama.cpp, vLLM, LM Studio and many hosted ones.
    OpenAiCompatible,
    /// Anthropic.
    Anthropic,
    /// Gemini.
    Gemini,
    /// Ollama.
    Ollama,
}

/// The kinds, as they are written.
const KINDS: [(&str, Kind); 5] = [
    ("openai", Kind::OpenAi),
    ("openai-compatible", Kind::OpenAiCompatible),
    ("anthropic", Kind::Anthropic),
    ("gemini", Kind::Gemini),
    ("ollama", Kind::Ollama),
];

/// The dialects of providers, as they are written.
const DIALECTS: [(&str, Dialect); 5] = [
    ("openai-chat", Dialect::OpenAiChat),
    ("openai-responses", Dialect::OpenAiResponses),
    ("anthropic", Dialect::Anthropic),
    ("gemini", Dialect::Gemini),
    ("ollama", Dialect::Ollama),
];

impl Kind {
    /// Where it is unless something else is said; nothing where it could be anywhere.
    fn home(self) -> Option<&'static str> {
        match self {
            Kind::OpenAi => Some("https://api.openai.com"),
            Kind::OpenAiCompatible => None,
            Kind::Anthropic => Some("https://api.anthropic.com"),
            Kind::Gemini => Some("https://generativelanguage.googleapis.com"),
            Kind::Ollama => Some("http://127.0.0.1:11434"),
        }
    }

    /// The path before the paths of its endpoints, where an address has none.
    fn prefix(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::OpenAiCompatible | Kind::Anthropic => "/v1",
            Kind::Gemini => "/v1beta",
            Kind::Ollama => "",
        }
    }

    /// The dialects that it speaks unless something else is said, its own first.
    pub fn dialects(self) -> &'static [Dialect] {
        match self {
            Kind::OpenAi | Kind::OpenAiCompatible => &[Dialect::OpenAiChat, Dialect::OpenAiResponses],
            Kind::Anthropic => &[Dialect::Anthropic],
            Kind::Gemini => &[Dialect::Gemini],
            // Beside its own dialect Ollama has OpenAI's, below `/v1`.
            Kind::Ollama => &[Dialect::Ollama, Dialect::OpenAiChat],
        }
    }
}

/// A name that clients ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The deployments that may answer, in the order in which they are asked.
    pub deployments: Vec<Deployment>,
}

/// One model at one provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

    /// What stands for all models of a provider.
    pub(crate) fn any_of(provider: &str) -> Self {
        Self { provider: provider.to_owned(), model: String::new() }
    }
}

impl std::fmt::Display for Deployment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.provider, self.model)
    }
}

/// Reads the section. `lacking` are the providers whose entries use something that is missing, with the errors that say
/// so. Faults are pushed to `problems`.
pub fn read(problems: &Problems, typed: Option<(&Node, &str)>, lacking: &[(String, Error)]) -> Settings {
    let mut settings = Settings::default();
    let Some((node, file)) = typed else { return settings };
    let Some(mut section) = Section::new(problems, file, "models", node) else { return settings };
    let named = section.node("providers").map(|node| entries(problems, file, "models.providers", node));
    let named = named.unwrap_or_default();
    for entry in &named {
        if let Some(mut provider) = provider(problems, file, entry) {
            provider.fault = lacking.iter().find(|(name, _)| *name == entry.key).map(|(_, error)| error.clone());
            settings.providers.insert(entry.key.clone(), provider);
        }
    }
    let routes = section.node("routes").map(|node| entries(problems, file, "models.routes", node));
    for entry in routes.unwrap_or_default() {
        if let Some(route) = route(problems, file, entry, &named) {
            settings.routes.insert(entry.key.clone(), route);
        }
    }
    settings.tools = ToolSettings::read(&mut section);
    section.finish();
    settings
}

fn provider(problems: &Problems, file: &str, entry: &Entry) -> Option<Provider> {
    let path = format!("models.providers.{}", entry.key);
    let mut section = Section::new(problems, file, &path, &entry.node)?;
    let usual = KINDS.iter().find(|(name, _)| *name == entry.key).map(|(_, kind)| *kind);
    let kind = section.choice("kind", &KINDS).or(usual).unwrap_or(Kind::OpenAiCompatible);
    if entry.key.contains('/') || entry.key.is_empty() {
        let next = "clients ask for `provider/model`, so the name of a provider has no slash".to_owned();
        section.problem("", Code::ConfigNameInvalid, format!("`{}` cannot be the name of a provider", entry.key), next);
    }
    let url = section.text("url").or_else(|| kind.home().map(str::to_owned));
    let address = address(&mut section, kind, url);
    let api_key = section.text("api_key").filter(|key| !key.is_empty()).map(Secret::new);
    let headers = headers(&mut section);
    let models = section.texts("models").unwrap_or_default();
    let dialects = dialects(&mut section).unwrap_or_else(|| kind.dialects().to_vec());
    let timeouts = timeouts(&mut section);
    let answer_limit = section.size("answer_limit", 1024..=1 << 30).and_then(|bytes| usize::try_from(bytes).ok());
    section.finish();
    Some(Provider {
        kind,
        address: address?,
        api_key,
        headers: headers?,
        dialects,
        models,
        timeouts,
        answer_limit: answer_limit.unwrap_or(64 << 20),
        fault: None,
    })
}

/// The dialects that are named, each once, if any are.
fn dialects(section: &mut Section<'_>) -> Option<Vec<Dialect>> {
    let mut named: Vec<Dialect> = Vec::new();
    for text in section.texts("dialects")? {
        match DIALECTS.iter().find(|(name, _)| *name == text) {
            Some((_, dialect)) if named.contains(dialect) => {}
            Some((_, dialect)) => named.push(*dialect),
            None => {
                let known: Vec<&str> = DIALECTS.iter().map(|(name, _)| *name).collect();
                let message = format!("`{}.dialects` has `{text}`", section.path());
                let next = format!("write some of {}", known.join(", "));
                section.problem("dialects", Code::ConfigInvalidValue, message, next);
            }
        }
    }
    (!named.is_empty()).then_some(named)
}

fn timeouts(section: &mut Section<'_>) -> Timeouts {
    let usual = Timeouts::default();
    let Some(mut part) = section.section("timeouts") else { return usual };
    let range = Duration::from_millis(10)..=Duration::from_secs(86_400);
    let timeouts = Timeouts {
        connect: part.duration("connect", range.clone()).unwrap_or(usual.connect),
        answer: part.duration("answer", range.clone()).unwrap_or(usual.answer),
        idle: part.duration("idle", range).unwrap_or(usual.idle),
    };
    part.finish();
    timeouts
}

fn address(section: &mut Section<'_>, kind: Kind, url: Option<String>) -> Option<Address> {
    let Some(url) = url else {
        let message = format!("`{}` has no `url`", section.path());
        let next = "write `url: http://host:port/v1`, or `kind:` for a provider whose address is known".to_owned();
        section.problem("url", Code::ConfigInvalidValue, message, next);
        return None;
    };
    match Address::parse(&url) {
        Ok(address) if address.path.is_empty() => Some(Address { path: kind.prefix().to_owned(), ..address }),
        // The address that its documentation gives for clients of OpenAI.
        Ok(address) if kind == Kind::Ollama && address.path == "/v1" => {
            Some(Address { path: String::new(), ..address })
        }
        Ok(address) => Some(address),
        Err(why) => {
            let message = format!("the address of `{}` {why}", section.path());
            section.problem("url", Code::ConfigInvalidValue, message, "write it as https://host/v1".to_owned());
            None
        }
    }
}

fn headers(section: &mut Section<'_>) -> Option<Vec<(String, Secret<String>)>> {
    let typed = section.text_map("headers").unwrap_or_default();
    let mut fine = true;
    for (name, value) in &typed {
        if HeaderName::try_from(name.as_str()).is_err() || HeaderValue::try_from(value.as_str()).is_err() {
            let message = format!("`{}.headers.{name}` is no header", section.path());
            let next = "use letters, digits and hyphens in its name, and one line as its value".to_owned();
            section.problem("headers", Code::ConfigInvalidValue, message, next);
            fine = false;
        }
    }
    fine.then(|| typed.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
}

fn route(problems: &Problems, file: &str, entry: &Entry, providers: &[&Entry]) -> Option<Route> {
    let path = format!("models.routes.{}", entry.key);
    let mut section = Section::new(problems, file, &path, &entry.node)?;
    let used = section.texts("use").unwrap_or_default();
    if used.is_empty() && section.node("use").is_none() {
        let next = "write `use: [provider/model]`".to_owned();
        section.problem("use", Code::ConfigInvalidValue, format!("`{path}` uses no deployment"), next);
    }
    let mut deployments = Vec::new();
    for text in used {
        let known = |deployment: &Deployment| providers.iter().any(|provider| provider.key == deployment.provider);
        match Deployment::parse(&text).filter(known) {
            Some(deployment) => deployments.push(deployment),
            None => {
                let names: Vec<&str> = providers.iter().map(|provider| provider.key.as_str()).collect();
                let names = names.join(", ");
                let next = format!("write `provider/model`, with one of these providers: {names}");
                section.problem("use", Code::ConfigInvalidValue, format!("`{path}.use` has `{text}`"), next);
            }
        }
    }
    section.finish();
    (!deployments.is_empty()).then_some(Route { deployments })
}

#[cfg(test)]
mod tests;
