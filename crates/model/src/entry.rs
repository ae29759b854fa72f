//! What the table says of a model, and its line there.

use crate::decimal;
use crate::price::{Price, Rates, Tier, UnitRates};
use crate::words::{Capability, ServiceTier, Task};

/// What is known of a model at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the table, such as `gemini/gemini-2.5-pro`.
    pub name: String,
    /// Whose it is, in the table's words: `openai`, `bedrock_converse`, `vertex_ai-language-models`.
    pub provider: String,
    /// What it is for.
    pub task: Task,
    /// The most tokens that it reads in a call.
    pub max_input: Option<u64>,
    /// The most tokens that it writes.
    pub max_output: Option<u64>,
    /// What it can do. What is not among these it cannot, or nobody said so.
    pub capabilities: Vec<Capability>,
    /// The day on which it goes away, as `2027-04-08`.
    pub deprecation: Option<String>,
    /// What it costs. None where it is not known.
    pub price: Option<Price>,
    /// What it costs where the provider serves a call otherwise than usual.
    pub service_prices: Vec<(ServiceTier, Price)>,
}

/// Columns of a line.
const COLUMNS: usize = 8;
/// Decimal places of dollars per million tokens.
const PLACES: u32 = 9;
/// What the words of prices begin with, and which of the rates that is.
const LETTERS: [char; 8] = ['i', 'o', 'r', 'w', 'h', 'a', 's', 't'];
const REQUEST: char = 'q';
/// The same for prices of other things than tokens.
const UNITS: [char; 5] = ['g', 'e', 'c', 'n', 'y'];

impl Entry {
    /// What it costs in this service tier; None stands for the usual one. Nothing where that is not known: the usual price is no
    /// answer then, as it is less than that of [`ServiceTier::Priority`].
    pub fn price(&self, service: Option<ServiceTier>) -> Option<&Price> {
        match service {
            None => self.price.as_ref(),
            Some(wanted) => self.service_prices.iter().find(|(service, _)| *service == wanted).map(|(_, price)| price),
        }
    }

    /// Reads a line of the table. Words that are not known are passed over.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let columns: Vec<_> = line.splitn(COLUMNS, '\t').collect();
        let [name, provider, task, max_input, max_output, capabilities, deprecation, prices] = columns.as_slice()
        else {
            return None;
        };
        let (price, service_prices) = read_prices(prices);
        Some(Self {
            name: (*name).to_owned(),
            provider: (*provider).to_owned(),
            task: Task::of_word(task)?,
            max_input: max_input.parse().ok(),
            max_output: max_output.parse().ok(),
            capabilities: capabilities.chars().filter_map(Capability::of_letter).collect(),
            deprecation: (!deprecation.is_empty()).then(|| (*deprecation).to_owned()),
            price,
            service_prices,
        })
    }

    /// Its line, without an end.
    pub(crate) fn line(&self) -> String {
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let mut words = Vec::new();
        self.price.iter().for_each(|price| write_price(price, &mut words));
        for (service, price) in &self.service_prices {
            words.push(format!("/{}", service.word()));
            write_price(price, &mut words);
        }
        let columns = [
            self.name.clone(),
            self.provider.clone(),
            self.task.word().to_owned(),
            number(self.max_input),
            number(self.max_output),
            self.capabilities.iter().map(|capability| capability.letter()).collect(),
            self.deprecation.clone().unwrap_or_default(),
            words.join(" "),
        ];
        columns.join("\t")
    }
}

fn write_price(price: &Price, words: &mut Vec<String>) {
    write_rates(&price.rates, words);
    if price.request > 0 {
        words.push(format!("{REQUEST}{}", decimal::written(price.request, PLACES)));
    }
    for letter in UNITS {
        let rate = { price.units }.place(letter).map_or(0, |rate| *rate);
        if rate > 0 {
            words.push(format!("{letter}{}", decimal::written(rate, PLACES)));
        }
    }
    for tier in &price.tiers {
        words.push(format!(">{}", tier.above));
        write_rates(&tier.rates, words);
    }
}

fn write_rates(rates: &Rates, words: &mut Vec<String>) {
    let mut rates = *rates;
    for letter in LETTERS {
        if let Some(rate) = rates.get(letter) {
            words.push(format!("{letter}{}", decimal::written(rate, PLACES)));
        }
    }
}

fn read_prices(text: &str) -> (Option<Price>, Vec<(ServiceTier, Price)>) {
    let mut parts = text.split('/');
    let price = parts.next().and_then(read_price);
    let services = parts.filter_map(|part| {
        let (word, rest) = part.split_once(' ')?;
        Some((ServiceTier::of_word(word)?, read_price(rest)?))
    });
    (price, services.collect())
}

/// None where there are no words.
fn read_price(text: &str) -> Option<Price> {
    let mut price = Price::default();
    let mut any = false;
    for word in text.split_ascii_whitespace() {
        let mut characters = word.chars();
        let (letter, rest) = (characters.next()?, characters.as_str());
        any = true;
        if letter == '>' {
            price.tiers.push(Tier { above: rest.parse().ok()?, rates: Rates::default() });
            continue;
        }
        let (number, _) = decimal::scaled(rest, PLACES as usize)?;
        if letter == REQUEST {
            price.request = number;
        } else if let Some(rate) = price.units.place(letter) {
            *rate = number;
        } else {
            price.tiers.last_mut().map_or(&mut price.rates, |tier| &mut tier.rates).set(letter, number);
        }
    }
    any.then_some(price)
}

impl UnitRates {
    fn place(&mut self, letter: char) -> Option<&mut u64> {
        match letter {
            'g' => Some(&mut self.image),
            'e' => Some(&mut self.second),
            'c' => Some(&mut self.characters),
            'n' => Some(&mut self.web_search),
            'y' => Some(&mut self.web_searched),
            _ => None,
        }
    }
}

impl Rates {
    fn get(&mut self, letter: char) -> Option<u64> {
        match letter {
            'i' => Some(self.input),
            'o' => Some(self.output),
            _ => self.optional(letter).and_then(|rate| *rate),
        }
    }

    /// Sets the rate that a word of the table names.
    pub(crate) fn set(&mut self, letter: char, rate: u64) {
        match letter {
            'i' => self.input = rate,
            'o' => self.output = rate,
            _ => {
                if let Some(place) = self.optional(letter) {
                    *place = Some(rate);
                }
            }
        }
    }

    fn optional(&mut self, letter: char) -> Option<&mut Option<u64>> {
        Some(match letter {
            'r' => &mut self.cache_read,
            'w' => &mut self.cache_write,
            'h' => &mut self.cache_write_hour,
            'a' => &mut self.audio_input,
            's' => &mut self.audio_output,
            't' => &mut self.reasoning,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
