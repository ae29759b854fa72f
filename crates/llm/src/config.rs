//! The section `models` of the configuration: providers of models, and the names under which clients ask for them.

mod bedrock;
mod builtin;
mod cache;
mod capabilities;
mod deployment;
mod fallback;
mod header;
mod hybrid;
mod known;
mod meant;
pub mod money;
mod prices;
mod resolve;
mod route;
mod timeouts;
mod tools;

pub use cache::{Cache, Semantic, Share};
pub use deployment::{Deployment, Described};
pub(crate) use fallback::fallbacks;
pub use header::ModelFile;
pub use hybrid::Hybrid;
pub(crate) use meant::{Meant, meant};
pub use prices::{From as PricesFrom, Prices};
pub use protection::settings::Limits;
pub use route::{Hedge, Route};
pub use timeouts::Timeouts;
pub use tools::ToolSettings;

use base::config::{Entry, Node, Problems, Section, entries};
use base::ports::LocalRunning;
use base::{Code, Error, Secret};
pub use bedrock::Signing;
pub use builtin::File;
use http::{HeaderName, HeaderValue};
use inspection::dialect::{Dialect, Endpoint};
use openapi::Address;
use spending::Budget;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the section says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Where models are, by name.
    pub providers: BTreeMap<String, Provider>,
    /// Names that clients ask for, and the deployments behind each.
    pub routes: BTreeMap<String, Route>,
    /// The room for kept answers, in bytes, where it is said.
    pub cache_size: Option<usize>,
    /// What is said of deployments.
    pub deployments: BTreeMap<Deployment, Described>,
    /// What may be spent over all models.
    pub budget: Option<Budget>,
    /// Where newer prices come from, where they do.
    pub prices: Option<Prices>,
    /// What holds for tools of the hub that models call.
    pub tools: ToolSettings,
}

impl Settings {
    /// The budgets that the section names.
    pub(crate) fn budgets(&self) -> impl Iterator<Item = Budget> {
        let routes = self.routes.values().map(|route| &route.budget);
        let providers = self.providers.values().map(|provider| &provider.budget);
        std::iter::once(&self.budget).chain(routes).chain(providers).flatten().cloned()
    }
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
    /// What requests are signed with, in place of a credential.
    pub signing: Option<Signing>,
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
    /// Whether it is on one's own machines.
    pub local: bool,
    /// Whether nothing of a request is kept there, as far as that is said.
    pub zero_data_retention: Option<bool>,
    /// Whether models are trained with requests, as far as that is said.
    pub trains: Option<bool>,
    /// How the weights of its models are rounded, such as `fp8`, where that is said.
    pub quantization: Option<String>,
    /// What may be spent at it.
    pub budget: Option<Budget>,
    /// How much it is asked, where that is limited.
    pub limits: Option<Limits>,
    /// How often it is looked whether it answers, where it is.
    pub probe: Option<Duration>,
    /// How its models run, where this program runs them itself.
    pub running: Option<LocalRunning>,
    /// Why it cannot be asked, where a variable or a secret is missing that its entry uses.
    pub fault: Option<Error>,
}

impl Provider {
    /// Where what a client asks at `endpoint` is asked of it: there, or else in its first dialect that knows the like.
    pub fn endpoint(&self, endpoint: Endpoint, stream: bool) -> Option<Endpoint> {
        if endpoint.is_passed() && !self.kind.passes(endpoint) {
            return None;
        }
        if self.dialects.contains(&endpoint.dialect()) {
            return Some(endpoint);
        }
        self.dialects.iter().find_map(|dialect| endpoint.in_dialect(*dialect, stream))
    }

    /// Whether `other` is asked in the same way.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let told = |fault: &Option<Error>| fault.as_ref().map(|error| error.message().to_owned());
        let ways = |one: &Self| (one.kind, one.address.clone(), one.timeouts, one.answer_limit, told(&one.fault));
        ways(self) == ways(other)
            && (&self.api_key, &self.signing, &self.headers) == (&other.api_key, &other.signing, &other.headers)
            && (&self.models, &self.dialects) == (&other.models, &other.dialects)
            && self.running == other.running
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
    /// Amazon Bedrock.
    Bedrock,
    /// Files of models that this program runs itself.
    Builtin,
}

/// The kinds, as they are written.
const KINDS: [(&str, Kind); 7] = [
    ("openai", Kind::OpenAi),
    ("openai-compatible", Kind::OpenAiCompatible),
    ("anthropic", Kind::Anthropic),
    ("gemini", Kind::Gemini),
    ("ollama", Kind::Ollama),
    ("bedrock", Kind::Bedrock),
    ("builtin", Kind::Builtin),
];

/// The dialects of providers, as they are written.
const DIALECTS: [(&str, Dialect); 6] = [
    ("openai-chat", Dialect::OpenAiChat),
    ("openai-responses", Dialect::OpenAiResponses),
    ("anthropic", Dialect::Anthropic),
    ("gemini", Dialect::Gemini),
    ("ollama", Dialect::Ollama),
    ("bedrock", Dialect::Bedrock),
];

impl Kind {
    /// Where it is unless something else is said; nothing where it could be anywhere.
    fn home(self) -> Option<&'static str> {
        match self {
            Kind::OpenAi => Some("https://api.openai.com"),
            // That of Bedrock is of a region.
            Kind::OpenAiCompatible | Kind::Bedrock => None,
            Kind::Anthropic => Some("https://api.anthropic.com"),
            Kind::Gemini => Some("https://generativelanguage.googleapis.com"),
            Kind::Ollama => Some("http://127.0.0.1:11434"),
            // Each model has a port of its own, which is not known before it runs.
            Kind::Builtin => Some("http://127.0.0.1"),
        }
    }

    /// The path before the paths of its endpoints, where an address has none.
    fn prefix(self) -> &'static str {
        match self {
            Kind::OpenAi | Kind::OpenAiCompatible | Kind::Anthropic | Kind::Builtin => "/v1",
            Kind::Gemini => "/v1beta",
            Kind::Ollama | Kind::Bedrock => "",
        }
    }

    /// Its word.
    pub(crate) fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Whether it has an endpoint that is passed on as it is.
    fn passes(self, endpoint: Endpoint) -> bool {
        match self {
            Kind::OpenAiCompatible => true,
            Kind::OpenAi => !endpoint.ranks(),
            Kind::Ollama => endpoint == Endpoint::Completions,
            Kind::Anthropic | Kind::Gemini | Kind::Bedrock | Kind::Builtin => false,
        }
    }

    /// The dialects that it speaks unless something else is said, its own first.
    pub fn dialects(self) -> &'static [Dialect] {
        match self {
            // Its newer models take tools while they reason in Responses alone.
            Kind::OpenAi => &[Dialect::OpenAiResponses, Dialect::OpenAiChat],
            Kind::OpenAiCompatible => &[Dialect::OpenAiChat, Dialect::OpenAiResponses],
            Kind::Anthropic => &[Dialect::Anthropic],
            Kind::Gemini => &[Dialect::Gemini],
            // Beside its own dialect Ollama has OpenAI's, below `/v1`.
            Kind::Ollama => &[Dialect::Ollama, Dialect::OpenAiChat],
            Kind::Bedrock => &[Dialect::Bedrock],
            Kind::Builtin => &[Dialect::OpenAiChat],
        }
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
    let routes = section.node("routes").map(|node| entries(problems, file, "models.routes", node)).unwrap_or_default();
    for entry in &routes {
        if let Some(route) = route::read(problems, file, entry, &named) {
            settings.routes.insert(entry.key.clone(), route);
        }
    }
    fallback::check(problems, file, &routes, &settings);
    resolve::resolve(&mut settings, &section);
    settings.cache_size = cache::read_size(&mut section);
    let described = section.node("deployments").map(|node| entries(problems, file, "models.deployments", node));
    settings.deployments = described
        .unwrap_or_default()
        .into_iter()
        .filter_map(|entry| deployment::read(problems, file, entry, &named))
        .collect();
    settings.budget = money::budget(&mut section, "all".to_owned());
    settings.prices = prices::read(&mut section);
    settings.tools = ToolSettings::read(&mut section);
    section.finish();
    settings
}

fn provider(problems: &Problems, file: &str, entry: &Entry) -> Option<Provider> {
    let path = format!("models.providers.{}", entry.key);
    let mut section = Section::new(problems, file, &path, &entry.node)?;
    let usual = KINDS.iter().find(|(name, _)| *name == entry.key).map(|(_, kind)| *kind);
    let kind = section.choice("kind", &KINDS).or(usual).unwrap_or(Kind::OpenAiCompatible);
    if kind == Kind::Builtin {
        return Some(builtin::read(section, &entry.key));
    }
    if entry.key.contains('/') || entry.key.is_empty() {
        let next = "clients ask for `provider/model`, so the name of a provider has no slash".to_owned();
        section.problem("", Code::ConfigNameInvalid, format!("`{}` cannot be the name of a provider", entry.key), next);
    }
    let place = bedrock::read(&mut section, kind);
    let url = section.text("url").or_else(|| kind.home().map(str::to_owned)).or(place.home);
    let address = address(&mut section, kind, url);
    let api_key = section.text("api_key").filter(|key| !key.is_empty()).map(Secret::new);
    let headers = headers(&mut section);
    let models = section.texts("models").unwrap_or_default();
    let dialects = dialects(&mut section, kind).unwrap_or_else(|| kind.dialects().to_vec());
    let (timeouts, probe) = (timeouts::read(&mut section), timeouts::probe(&mut section));
    let answer_limit = section.size("answer_limit", 1024..=1 << 30).and_then(|bytes| usize::try_from(bytes).ok());
    let (local, trains) = (section.boolean("local"), section.boolean("trains"));
    let zero_data_retention = section.boolean("zero_data_retention");
    let quantization = section.text("quantization");
    let budget = money::budget(&mut section, format!("provider:{}", entry.key));
    let limits = Limits::read(&mut section);
    section.finish();
    let address = address?;
    Some(Provider {
        local: local.unwrap_or_else(|| is_near(&address.host)),
        zero_data_retention,
        trains,
        quantization,
        budget,
        limits,
        probe,
        running: None,
        kind,
        address,
        api_key,
        signing: place.signing,
        headers: headers?,
        dialects,
        models,
        timeouts,
        answer_limit: answer_limit.unwrap_or(64 << 20),
        fault: None,
    })
}

/// Whether an address is one of this machine. Those of a network may belong to anybody, so an operator says it of them.
fn is_near(host: &str) -> bool {
    let address: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    address.map_or(host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

/// The dialects that are named, each once, if any are.
fn dialects(section: &mut Section<'_>, kind: Kind) -> Option<Vec<Dialect>> {
    let mut named: Vec<Dialect> = Vec::new();
    // Requests to Bedrock are signed, and its streams framed, as those of no other.
    let spoken = DIALECTS.iter().filter(|(_, dialect)| (*dialect == Dialect::Bedrock) == (kind == Kind::Bedrock));
    for text in section.texts("dialects")? {
        match spoken.clone().find(|(name, _)| *name == text) {
            Some((_, dialect)) if named.contains(dialect) => {}
            Some((_, dialect)) => named.push(*dialect),
            None => {
                let known: Vec<&str> = spoken.clone().map(|(name, _)| *name).collect();
                let message = format!("`{}.dialects` has `{text}`", section.path());
                let next = format!("write some of {}", known.join(", "));
                section.problem("dialects", Code::ConfigInvalidValue, message, next);
            }
        }
    }
    (!named.is_empty()).then_some(named)
}

fn address(section: &mut Section<'_>, kind: Kind, url: Option<String>) -> Option<Address> {
    let Some(url) = url else {
        if kind == Kind::Bedrock {
            return None;
        }
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

#[cfg(test)]
pub(crate) mod tests;
