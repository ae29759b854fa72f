//! LiteLLM's table of models (`model_prices_and_context_window.json`, MIT licence), read into lines.
//!
//! Its prices are dollars per token, as floating numbers. Members of prices say in their names what they are for:
//! `cache_read_input_token_cost`, then `_above_1hr`, `_above_200k_tokens` and `_priority` where it is not the usual.

mod media;

use crate::decimal;
use crate::entry::Entry;
use crate::price::{Price, Rates, Tier, UnitRates};
use crate::words::{Capability, ServiceTier, Task};
use conversation::Fault;
use serde_json::{Map, Value};

/// The largest text that is read, in bytes. The published one has three million.
pub(super) const LARGEST: usize = 16 << 20;
/// The most models. The published table has four thousand.
const MOST: usize = 20_000;
/// The longest name or provider that is kept, in bytes.
const LONGEST: usize = 200;
/// From dollars per token to nano-dollars per million.
const PLACES: usize = 15;
/// From dollars to nano-dollars.
const DOLLAR_PLACES: usize = 9;
/// Whose models may cost nothing because they run on the operator's machine. Elsewhere nothing means that it is not known, or
/// that a subscription pays.
const LOCAL: &str = "ollama";

const COMPONENTS: [(&str, char); 7] = [
    ("input_cost_per_token", 'i'),
    ("output_cost_per_token", 'o'),
    ("cache_read_input_token_cost", 'r'),
    ("cache_creation_input_token_cost", 'w'),
    ("input_cost_per_audio_token", 'a'),
    ("output_cost_per_audio_token", 's'),
    ("output_cost_per_reasoning_token", 't'),
];

/// The text of a table.
pub(super) fn table(json: &str, release: &str) -> Result<String, Fault> {
    if json.len() > LARGEST {
        return Err(Fault::new(format!("has {} bytes: {LARGEST} are the most", json.len())));
    }
    let value = base::json::from_text(json)
        .map_err(|error| Fault::new(format!("is no table of models as LiteLLM publishes it: {error}")))?;
    let Value::Object(models) = value else {
        return Err(Fault::new("is no table of models as LiteLLM publishes it: it is no JSON object"));
    };
    if models.len() > MOST {
        return Err(Fault::new(format!("has {} models: {MOST} are the most", models.len())));
    }
    let mut lines: Vec<_> = models.iter().filter_map(|(name, model)| entry(name, model.as_object()?)).collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    let body: String = lines.iter().map(|entry| entry.line() + "\n").collect();
    if body.is_empty() {
        return Err(Fault::new("has no model that answers, makes vectors or ranks"));
    }
    let release: String = release.chars().filter(|character| !character.is_control()).take(LONGEST).collect();
    Ok(format!("# litellm {release} {:016x}\n{body}", digest(&body)))
}

/// FNV-1a: it tells tables apart, and defends nothing.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn entry(name: &str, model: &Map<String, Value>) -> Option<Entry> {
    let word = |key: &str| model.get(key).and_then(Value::as_str);
    let provider = word("litellm_provider")?;
    let is_plain =
        |text: &str| !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic());
    let task = match word("mode")? {
        "image_generation" | "image_edit" => Task::Image,
        "audio_speech" => Task::Speech,
        "audio_transcription" => Task::Transcription,
        mode => Task::of_word(mode)?,
    };
    // The names of what is bought by the hour have no price of tokens.
    if !is_plain(name) || name.starts_with('#') || !is_plain(provider) || name.contains("-commitment/") {
        return None;
    }
    // One line for each size of a picture: nobody asks for a model by such a name.
    if task == Task::Image && name.contains("-x-") {
        return None;
    }
    let number = |key: &str| model.get(key).and_then(whole).filter(|number| *number > 0);
    let makes_text = matches!(task, Task::Chat | Task::Completion | Task::Responses);
    let capabilities = Capability::all().filter(|capability| model.get(capability.flag()) == Some(&Value::Bool(true)));
    let mut prices = match task {
        Task::Image | Task::Speech | Task::Transcription => {
            Prices { usual: media::price(task, model), ..Prices::default() }
        }
        _ => Prices::read(model, makes_text),
    };
    if let Some(price) = prices.usual.as_mut().filter(|_| makes_text) {
        searches(provider, model, &mut price.units);
    }
    // OpenAI asks nothing for moderations.
    let may_be_free = task == Task::Moderation || provider == LOCAL && !name.ends_with("-cloud");
    Some(Entry {
        name: name.to_owned(),
        provider: provider.to_owned(),
        task,
        max_input: number("max_input_tokens").or_else(|| number("max_tokens")),
        max_output: number("max_output_tokens").filter(|_| makes_text),
        capabilities: capabilities.collect(),
        deprecation: word("deprecation_date").filter(|day| day.len() <= 10 && is_plain(day)).map(str::to_owned),
        price: prices.usual.take().filter(|price| may_be_free || !price.is_free()),
        service_prices: prices.services,
    })
}

/// What searches on the web cost: as much as those with the most context, where that makes a difference.
fn searches(provider: &str, model: &Map<String, Value>, units: &mut UnitRates) {
    let sizes = model.get("search_context_cost_per_query").and_then(Value::as_object);
    let dollars = sizes.into_iter().flat_map(Map::values).filter_map(Value::as_f64).fold(0.0, f64::max);
    let Some(rate) = decimal::of_float(dollars, DOLLAR_PLACES) else { return };
    let each = model.get("web_search_billing_unit").and_then(Value::as_str) == Some("per_query");
    // Google counts requests, of its newer models searches.
    let by_request = matches!(provider, "gemini" | "vertex_ai" | "vertex_ai-language-models");
    if by_request && !each {
        units.web_searched = rate;
    } else {
        units.web_search = rate;
    }
}

fn whole(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_f64().filter(|number| *number >= 0.0).and_then(|number| decimal::of_float(number, 0)))
}

/// All prices of a model.
#[derive(Default)]
struct Prices {
    usual: Option<Price>,
    services: Vec<(ServiceTier, Price)>,
}

/// What some prices are, as far as they are said: by their letters in the table.
type Said = Vec<(char, u64)>;

impl Prices {
    fn read(model: &Map<String, Value>, makes_text: bool) -> Self {
        let request =
            ["input_cost_per_query", "input_cost_per_request"].iter().find_map(|key| model.get(*key)?.as_f64());
        let request = request.and_then(|dollars| decimal::of_float(dollars, DOLLAR_PLACES)).unwrap_or(0);
        let said: Vec<_> = model.iter().filter_map(|(key, value)| component(key, value)).collect();
        let of = |service: Option<ServiceTier>, above: u64| -> Said {
            let these = said.iter().filter(|part| part.service == service && part.above == above);
            these.map(|part| (part.letter, part.rate)).collect()
        };
        let mut tiers: Vec<u64> = said.iter().map(|part| part.above).filter(|above| *above > 0).collect();
        tiers.sort_unstable();
        tiers.dedup();
        let Some(rates) = complete(&of(None, 0), makes_text, request > 0) else { return ranged(model, makes_text) };
        let usual: Vec<_> =
            tiers.iter().filter_map(|&above| Some(Tier { above, rates: scaled(&rates, &of(None, above))? })).collect();
        let service = |service: ServiceTier| {
            let own = scaled(&rates, &of(Some(service), 0))?;
            let tier = |tier: &Tier| {
                let said = scaled(&own, &of(Some(service), tier.above));
                Tier { above: tier.above, rates: said.unwrap_or_else(|| in_proportion(&tier.rates, &rates, &own)) }
            };
            let price = Price { rates: own, request, tiers: usual.iter().map(tier).collect(), ..Price::default() };
            (!price.is_free()).then_some((service, price))
        };
        let services = ServiceTier::ALL.into_iter().filter_map(service).collect();
        Self { usual: Some(Price { rates, request, tiers: usual, ..Price::default() }), services }
    }
}

/// A member that is a price.
struct Component {
    letter: char,
    /// For inputs of more tokens than this; 0 for all.
    above: u64,
    service: Option<ServiceTier>,
    rate: u64,
}

fn component(key: &str, value: &Value) -> Option<Component> {
    let suffixes =
        [("_batches", ServiceTier::Batch), ("_flex", ServiceTier::Flex), ("_priority", ServiceTier::Priority)];
    let service = suffixes.into_iter().find_map(|(suffix, service)| Some((key.strip_suffix(suffix)?, service)));
    let (key, service) = service.map_or((key, None), |(key, service)| (key, Some(service)));
    let (key, above) = match key.strip_suffix("k_tokens").and_then(|key| key.rsplit_once("_above_")) {
        Some((key, thousands)) => (key, thousands.parse::<u64>().ok()?.checked_mul(1_000)?),
        None => (key, 0),
    };
    let (key, hour) = key.strip_suffix("_above_1hr").map_or((key, false), |key| (key, true));
    let letter = COMPONENTS.iter().find(|(name, _)| *name == key)?.1;
    let letter = match (letter, hour) {
        ('w', true) => 'h',
        (letter, false) => letter,
        _ => return None,
    };
    let rate = decimal::of_float(value.as_f64().filter(|rate| *rate >= 0.0)?, PLACES)?;
    Some(Component { letter, above, service, rate })
}

/// The rates, if enough of them is said to know what a call costs.
fn complete(said: &Said, makes_text: bool, by_request: bool) -> Option<Rates> {
    let has = |letter: char| said.iter().any(|(found, _)| *found == letter);
    let enough = (has('i') || by_request) && (has('o') || !makes_text);
    enough.then(|| rates_of(Rates::default(), said))
}

/// A price of writing into the cache that is below the input's is left out: it would be one besides that, or for keeping.
fn rates_of(mut rates: Rates, said: &Said) -> Rates {
    said.iter().for_each(|&(letter, rate)| rates.set(letter, rate));
    let input = rates.input;
    rates.cache_write = rates.cache_write.filter(|write| *write >= input);
    rates.cache_write_hour = rates.cache_write_hour.filter(|write| *write >= input);
    rates
}

/// The rates of a tier, if it says what input and output cost. Where it leaves out another price, that is to the usual one as the
/// input's is to the usual input's, or for what is written the output's: so it is wherever providers publish all of them.
fn scaled(usual: &Rates, said: &Said) -> Option<Rates> {
    let of = |letter: char| said.iter().find(|(found, _)| *found == letter).map(|(_, rate)| *rate);
    let (input, output) = (of('i')?, of('o').or((usual.output == 0).then_some(0))?);
    let rates = in_proportion(usual, usual, &Rates { input, output, ..Rates::default() });
    Some(rates_of(Rates { input, output, ..rates }, said))
}

/// `rates` by as much higher or lower as the input and the output of `now` are than those of `before`, rounded up.
fn in_proportion(rates: &Rates, before: &Rates, now: &Rates) -> Rates {
    let by = |rate: u64, now: u64, before: u64| {
        let scaled = (u128::from(rate) * u128::from(now)).div_ceil(u128::from(before.max(1)));
        if before == 0 { rate } else { u64::try_from(scaled).unwrap_or(u64::MAX) }
    };
    let as_input = |rate: u64| by(rate, now.input, before.input);
    let as_output = |rate: u64| by(rate, now.output, before.output);
    Rates {
        input: as_input(rates.input),
        output: as_output(rates.output),
        cache_read: rates.cache_read.map(as_input),
        cache_write: rates.cache_write.map(as_input),
        cache_write_hour: rates.cache_write_hour.map(as_input),
        audio_input: rates.audio_input.map(as_input),
        audio_output: rates.audio_output.map(as_output),
        reasoning: rates.reasoning.map(as_output),
    }
}

/// The prices of models for which they stand in ranges of the input (`tiered_pricing`).
fn ranged(model: &Map<String, Value>, makes_text: bool) -> Prices {
    let ranges = model.get("tiered_pricing").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |range: &Value| -> Option<Tier> {
        let range = range.as_object()?;
        let above = whole(range.get("range")?.as_array()?.first()?)?;
        let said = range
            .iter()
            .filter_map(|(key, value)| component(key, value))
            .map(|part| (part.letter, part.rate))
            .collect();
        Some(Tier { above, rates: complete(&said, makes_text, false)? })
    };
    let mut tiers: Vec<_> = ranges.iter().filter_map(read).collect();
    tiers.sort_by_key(|tier| tier.above);
    if tiers.len() < ranges.len() || tiers.first().is_none_or(|first| first.above > 0) {
        return Prices::default();
    }
    let rates = tiers.remove(0).rates;
    Prices { usual: Some(Price { rates, tiers, ..Price::default() }), services: Vec::new() }
}

#[cfg(test)]
mod tests;
