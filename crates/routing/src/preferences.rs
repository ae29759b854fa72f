//! What a client may say of the order for one request: OpenRouter's object `provider`, its list `models`, and the endings of
//! model names. See <https://openrouter.ai/docs/guides/routing/provider-selection>.

mod read;

use crate::names::name_in;
use std::time::Duration;

/// What a client wants for one request. What it does not say is as the route says.
#[derive(Debug, Clone, PartialEq)]
pub struct Preferences {
    /// Who is asked first, in this order: providers, or `provider/model`.
    pub order: Vec<String>,
    /// Whether others are asked when those of `order`, or where there is none the first, fail.
    pub allow_fallbacks: bool,
    /// Who may be asked at all; all where it is empty.
    pub only: Vec<String>,
    /// Who may not be asked.
    pub ignore: Vec<String>,
    /// By what they are put in order, instead of what the route says.
    pub sort: Option<Sort>,
    /// Whether that is so for each model by itself.
    pub partition: Partition,
    /// What a deployment may cost.
    pub max_price: MaxPrice,
    /// Whether a deployment must be known to be capable of all that the request uses.
    pub require_parameters: bool,
    /// Whether providers are left out that train models with requests (`data_collection: deny`).
    pub deny_training: bool,
    /// Whether providers are left out that keep something of requests (`zdr`).
    pub zero_data_retention: bool,
    /// How the weights may be rounded; in any way where it is empty. `unknown` is for those that do not say.
    pub quantizations: Vec<String>,
    /// Those that say fewer tokens in a second come behind the others.
    pub min_throughput: Option<f64>,
    /// Those that take longer to the first token come behind the others.
    pub max_latency: Option<Duration>,
    /// Members that say something that nothing is done about, such as `provider.max_price.image`: for whoever tells the
    /// client.
    pub unheeded: Vec<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            order: Vec::new(),
            allow_fallbacks: true,
            only: Vec::new(),
            ignore: Vec::new(),
            sort: None,
            partition: Partition::default(),
            max_price: MaxPrice::default(),
            require_parameters: false,
            deny_training: false,
            zero_data_retention: false,
            quantizations: Vec::new(),
            min_throughput: None,
            max_latency: None,
            unheeded: Vec::new(),
        }
    }
}

/// By what a client wants deployments in order. Chance has no part in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The cheapest first.
    Price,
    /// Those first that say the most tokens in a second.
    Throughput,
    /// Those first that take the least time to their first token.
    Latency,
}

impl Sort {
    const NAMES: [(&'static str, Sort); 3] =
        [("price", Sort::Price), ("throughput", Sort::Throughput), ("latency", Sort::Latency)];

    /// Its name, as clients write it.
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// Where a client names several models: what is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Partition {
    /// The deployments of each model; those of the next model come behind all of the one before.
    #[default]
    Model,
    /// The deployments of all models together.
    None,
}

impl Partition {
    const NAMES: [(&'static str, Partition); 2] = [("model", Partition::Model), ("none", Partition::None)];
}

/// The most that a deployment may cost, in nano-dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MaxPrice {
    /// What it reads.
    pub prompt: Option<u64>,
    /// What it says.
    pub completion: Option<u64>,
}

/// Takes the ending of a model's name that says how deployments are put in order: `:nitro` is for throughput, `:floor` for
/// price. A model may really have such a name, with Ollama say, so that the whole name is looked up first.
pub fn suffix(model: &str) -> (&str, Option<Sort>) {
    let known = [(":nitro", Sort::Throughput), (":floor", Sort::Price)];
    let found = known.into_iter().find_map(|(ending, sort)| Some((model.strip_suffix(ending)?, Some(sort))));
    found.filter(|(name, _)| !name.is_empty()).unwrap_or((model, None))
}
