//! What is known and was seen of a deployment.

mod pricing;

use crate::config::{Deployment, Described, Kind, Settings};
use crate::prices::{Found, Tables};
use crate::seen::Seen;
use crate::told::Told;
use base::clock;
use dialects::Usage;
use inspection::dialect::Endpoint;
use inspection::tier::{Served, Wanted};
use model::{Capability as Can, Context, Entry, NanoDollars, Overrides, Price, ServiceTier, Source};
use pricing::Pricing;
use protection::limit::Limit;
use routing::{Candidate, Capabilities, Capability, Known, Need, Rates};
use std::sync::Arc;

/// A deployment: what is known of it, and what was seen.
pub(crate) struct Lane {
    pub(crate) deployment: Deployment,
    /// `provider/model`.
    pub(crate) name: Arc<str>,
    /// What headers say where it answers and no other was asked.
    pub(crate) told: Told,
    /// The name of the provider.
    pub(crate) provider: Arc<str>,
    pub(crate) facts: Facts,
    /// Where its price is from.
    pub(crate) version: Arc<str>,
    pub(crate) seen: Arc<Seen>,
    /// How much it may be asked, and its provider: none, as a rule.
    pub(crate) limits: Box<[Arc<Limit>]>,
}

/// What is known of a deployment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) price: Option<Price>,
    /// What it costs where it is not served as usual, as far as that is known.
    pub(crate) tiers: Tiers,
    /// Who says so.
    pub(crate) pricing: Pricing,
    pub(crate) context_length: Option<u64>,
    pub(crate) max_output: Option<u64>,
    pub(crate) capabilities: Known,
    /// Whether it is on one's own machines.
    pub(crate) local: bool,
}

impl Lane {
    pub(crate) fn new(settings: &Settings, tables: &Tables, deployment: Deployment, seen: Option<Arc<Seen>>) -> Self {
        let seen = seen.unwrap_or_else(|| Arc::new(Seen::new()));
        let found = found(settings, tables, &deployment);
        let version = tables.version(found.as_ref().map_or(Source::Table, |found| found.source));
        let facts = Facts::of(settings, found.as_ref(), &deployment);
        Self {
            told: Told::of(&deployment.to_string()),
            name: deployment.to_string().into(),
            provider: deployment.provider.as_str().into(),
            version: match facts.pricing {
                Pricing::Table => version.into(),
                Pricing::Configuration | Pricing::Partial(_) => "configuration".into(),
                Pricing::Both(_) => format!("configuration over {version}").into(),
            },
            facts,
            seen,
            limits: Box::default(),
            deployment,
        }
    }

    /// With the limits that the configuration says: that of its provider, and its own. What was counted `before` counts on.
    pub(crate) fn limited(mut self, settings: &Settings, provider: Option<&Arc<Limit>>, before: Option<&Lane>) -> Self {
        let said = settings.deployments.get(&self.deployment).and_then(|said| said.limits);
        let own = said.map(|said| {
            let before = before.and_then(|lane| lane.limits.iter().find(|limit| limit.name == self.name));
            Limit::new(Arc::clone(&self.name), said, before.map(|limit| &**limit))
        });
        self.limits = provider.map(Arc::clone).into_iter().chain(own).collect();
        self
    }

    /// What is known of the model, each value with its source.
    pub(crate) fn context(&self, settings: &Settings, tables: &Tables) -> Context {
        let found = found(settings, tables, &self.deployment);
        let of_table = found.map(|found| Context::from_table(&found.entry, found.source)).unwrap_or_default();
        let said = settings.deployments.get(&self.deployment).cloned().unwrap_or_default();
        let overrides = Overrides {
            context_length: said.context_length,
            max_output: said.max_output,
            capabilities: None,
            price: None,
        };
        let mut of_configuration = Context::from_overrides(overrides);
        if let Some(capabilities) = said.capabilities {
            for (can, capability) in SAME {
                of_configuration = of_configuration.saying(can, capabilities.has(capability), Source::Config);
            }
        }
        let of_file = said.file.and_then(|file| file.said).map(|said| Context::clone(&said)).unwrap_or_default();
        let mut context = of_table.merge(of_file).merge(of_configuration);
        context.cost = self.facts.cost_of(context.cost);
        context
    }

    fn is_full(&self) -> bool {
        !self.limits.is_empty() && self.limits.iter().any(|limit| limit.is_full(clock::now()))
    }

    /// Whether the choice between deployments would neither leave it out for what is asked, nor put it behind others.
    pub(crate) fn is_fit(&self, need: &Need) -> bool {
        let facts = &self.facts;
        need.fits(facts.capabilities, facts.context_length, facts.max_output) && !self.is_full() && self.seen.is_well()
    }

    /// As the choice between deployments sees it.
    pub(crate) fn candidate<'a>(&'a self, settings: &'a Settings, weight: u32) -> Candidate<'a> {
        let facts = &self.facts;
        let said = settings.providers.get(&self.deployment.provider);
        let mut candidate =
            Candidate {
                name: &self.name,
                provider: &self.provider,
                weight,
                local: facts.local,
                capabilities: facts.capabilities,
                context_length: facts.context_length,
                max_output: facts.max_output,
                price: facts.price.as_ref().filter(|_| !matches!(facts.pricing, Pricing::Partial(_))).map(|price| {
                    Rates { input: price.rates.input, output: price.rates.output, cache_read: price.rates.cache_read }
                }),
                at_limit: self.is_full(),
                facts: said.map_or_else(routing::Facts::default, |provider| routing::Facts {
                    zero_data_retention: provider.zero_data_retention,
                    trains: provider.trains,
                    quantization: provider.quantization.as_deref(),
                }),
                ..Candidate::new(&self.name)
            };
        self.seen.tell(&mut candidate);
        candidate
    }
}

/// The prices of tiers of service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tiers {
    /// The usual price is that of all: the operator says what a model costs, or it runs on one's own machines.
    Same,
    /// These, and none that is not among them.
    Known(Vec<(ServiceTier, Price)>),
}

impl Default for Tiers {
    fn default() -> Self {
        Self::Known(Vec::new())
    }
}

impl Facts {
    /// The price of a tier; nothing where it is not known.
    fn price_in(&self, tier: ServiceTier) -> Option<&Price> {
        match &self.tiers {
            Tiers::Same => self.price.as_ref(),
            Tiers::Known(prices) => prices.iter().find(|(known, _)| *known == tier).map(|(_, price)| price),
        }
    }

    /// The most that so many tokens of input and output can cost at this endpoint, however the request is served in the end: no provider
    /// promises a tier. Nothing where that is not known.
    pub(crate) fn most(&self, endpoint: Endpoint, (input, output): (u64, u64), wanted: Wanted) -> Option<NanoDollars> {
        if !self.is_priced(endpoint) {
            return None;
        }
        let usual = model::most(self.price.as_ref()?, input, output);
        let of = |tier| self.price_in(tier).map(|price| model::most(price, input, output));
        Some(match wanted {
            Wanted::Usual => usual,
            Wanted::Any => [ServiceTier::Flex, ServiceTier::Priority].into_iter().filter_map(of).fold(usual, Ord::max),
            // What comes first costs more, nobody knows how much.
            Wanted::In(ServiceTier::Priority) => usual.max(of(ServiceTier::Priority)?),
            Wanted::In(tier) => of(tier).unwrap_or(usual).max(usual),
        })
    }

    /// What a request cost that took `usage`, and whether that is a guess. What the answer says of its tier holds; where it says
    /// nothing it is never less than what was asked for. Nothing where no price is known.
    pub(crate) fn cost(&self, usage: &Usage, wanted: Wanted, served: Option<Served>) -> (NanoDollars, bool) {
        let Some(price) = self.price.as_ref() else { return (NanoDollars::ZERO, false) };
        let usual = model::cost(price, usage);
        match (served, wanted) {
            (Some(Served::In(tier)), _) => {
                self.price_in(tier).map_or((usual, true), |price| (model::cost(price, usage), false))
            }
            (None, Wanted::In(tier)) => {
                let asked = self.price_in(tier).map(|price| model::cost(price, usage));
                (asked.map_or(usual, |asked| asked.max(usual)), self.tiers != Tiers::Same)
            }
            _ => (usual, false),
        }
    }

    fn of(settings: &Settings, found: Option<&Found>, deployment: &Deployment) -> Self {
        let none = Described::default();
        let said = settings.deployments.get(deployment).unwrap_or(&none);
        let provider = settings.providers.get(&deployment.provider);
        let local = provider.is_some_and(|provider| provider.local);
        let entry = found.map(|found| &found.entry);
        let of_file = said.file.as_ref().and_then(|file| file.said.as_ref());
        let of_file = of_file.and_then(|said| said.limits.context.as_ref()).map(|said| said.value);
        let of_table = |of: fn(&Entry) -> Option<u64>| entry.and_then(of);
        let capabilities = said.capabilities.map(Known::exactly);
        let (price, tiers, pricing) = pricing::of(said.price.as_ref(), entry, local);
        Self {
            price,
            tiers,
            pricing,
            context_length: said.context_length.or(of_file).or_else(|| of_table(|entry| entry.max_input)),
            max_output: said.max_output.or_else(|| of_table(|entry| entry.max_output)),
            capabilities: capabilities.or_else(|| entry.map(known)).unwrap_or_default(),
            local,
        }
    }
}

/// What the tables say of a deployment's model.
fn found(settings: &Settings, tables: &Tables, deployment: &Deployment) -> Option<Found> {
    let provider = settings.providers.get(&deployment.provider);
    tables.find(provider.map_or(Kind::OpenAiCompatible, |provider| provider.kind).name(), &deployment.model)
}

/// The capabilities of the table, and those that requests are judged by.
const SAME: [(Can, Capability); 7] = [
    (Can::Tools, Capability::Tools),
    (Can::ParallelTools, Capability::ParallelTools),
    (Can::Vision, Capability::Vision),
    (Can::AudioInput, Capability::Audio),
    (Can::Documents, Capability::Documents),
    (Can::StructuredOutput, Capability::JsonSchema),
    (Can::Reasoning, Capability::Reasoning),
];

/// What a model lacks that the table knows well and does not say this of.
const TOLD: Capabilities = Capabilities::NONE
    .with(Capability::Tools)
    .with(Capability::Vision)
    .with(Capability::Audio)
    .with(Capability::Documents);

/// What the table says a model can. A model of which it says anything is described well enough that what reaches into the
/// form of a request, and is not said, is lacking; of all else it is silent.
fn known(entry: &Entry) -> Known {
    let can = |(can, _): &&(Can, Capability)| entry.capabilities.contains(can);
    let present: Capabilities = SAME.iter().filter(can).map(|(_, capability)| *capability).collect();
    let described = if entry.capabilities.is_empty() { Capabilities::NONE } else { TOLD };
    Known { present, unknown: Capabilities::ALL.without(present).without(described) }
}

#[cfg(test)]
mod tests;
