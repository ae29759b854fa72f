//! Who says what a deployment costs, and whether that is enough for what is asked of it. Pure.

use super::{Facts, Tiers};
use inspection::dialect::Endpoint;
use model::{Cost, Entry, Known, Price, SaidPrice, ServiceTier, Source};

/// Who says what a deployment costs.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Pricing {
    /// A table, or nobody.
    #[default]
    Table,
    /// The configuration, or that it is on one's own machines.
    Configuration,
    /// The configuration these parts, and a table the rest.
    Both(Vec<String>),
    /// The configuration this alone, which leaves out what tokens cost in or out.
    Partial(Box<SaidPrice>),
}

/// A price, that of other tiers of service, and who says so.
pub(super) type Priced = (Option<Price>, Tiers, Pricing);

/// What a deployment costs of which the configuration says this, and the table has this entry.
pub(super) fn of(said: Option<&SaidPrice>, entry: Option<&Entry>, local: bool) -> Priced {
    let services = || entry.map(|entry| entry.service_prices.clone()).unwrap_or_default();
    let table = entry.and_then(|entry| entry.price.as_ref());
    match (said, table) {
        // What runs on one's own machines costs nothing unless somebody says so.
        (_, _) if local => {
            (Some(said.copied().unwrap_or_default().over(&Price::default())), Tiers::Same, Pricing::Configuration)
        }
        (None, table) => (table.cloned(), Tiers::Known(services()), Pricing::Table),
        (Some(said), Some(table)) => {
            let price = said.over(table);
            let over = |(tier, price): (_, Price)| (tier, said.over(&price));
            let tiers = match said.prices_tokens() {
                true => Tiers::Same,
                false => Tiers::Known(services().into_iter().map(over).collect()),
            };
            let alone = price == said.over(&Price::default());
            (Some(price), tiers, if alone { Pricing::Configuration } else { Pricing::Both(said.names()) })
        }
        (Some(said), None) => {
            let whole = said.prices_tokens();
            let some = !said.names().is_empty();
            let pricing = if whole { Pricing::Configuration } else { Pricing::Partial(Box::new(*said)) };
            (some.then(|| said.over(&Price::default())), Tiers::Same, pricing)
        }
    }
}

impl Facts {
    /// Whether it is known what an answer of this endpoint costs. Where no table has the model, a price in the configuration has to say what is paid
    /// for there: tokens in and out of what writes, tokens in of what only reads, and otherwise each call, or pictures or sound where that is what
    /// comes of it.
    pub(crate) fn is_priced(&self, endpoint: Endpoint) -> bool {
        let Pricing::Partial(said) = &self.pricing else { return self.price.is_some() };
        let unit = match endpoint {
            Endpoint::ImageGenerations | Endpoint::ImageEdits | Endpoint::ImageVariations => said.units.image,
            Endpoint::Speech => said.units.characters,
            Endpoint::Transcriptions | Endpoint::Translations => said.units.second,
            _ => None,
        };
        let by_units = (endpoint.is_media() || endpoint.ranks()) && (unit.is_some() || said.request.is_some());
        let writes = endpoint.generates() || endpoint.is_media() || endpoint == Endpoint::Completions;
        by_units || (!writes && said.rates.input.is_some())
    }

    /// What it costs, of which a table says `known`, each with its source.
    pub(super) fn cost_of(&self, known: Cost) -> Cost {
        let of = |source| self.price.clone().map(|value| Known { value, source });
        match (&self.pricing, known.price.as_ref().map(|price| price.source)) {
            (Pricing::Table, _) => known,
            (Pricing::Both(names), Some(source)) => {
                let configured = Some(Known { value: names.clone(), source: Source::Config });
                let tier = |tier| match &self.tiers {
                    Tiers::Same => None,
                    Tiers::Known(_) => self.price_in(tier).cloned().map(|value| Known { value, source }),
                };
                Cost {
                    price: of(source),
                    batch: tier(ServiceTier::Batch),
                    flex: tier(ServiceTier::Flex),
                    priority: tier(ServiceTier::Priority),
                    configured,
                }
            }
            _ => Cost { price: of(Source::Config), ..Cost::default() },
        }
    }
}
