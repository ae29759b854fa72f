//! Who may not answer a request, and why.

use crate::candidate::{Candidate, Need};
use crate::capability::Capabilities;
use crate::policy::{Place, Policy};
use crate::preferences::Preferences;
use crate::words::{Dollars, word};
use std::fmt::{Display, Formatter, Result as Written};

/// Why a deployment is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It is not on one's own machines, and the route is for these only.
    NotLocal,
    /// It is known not to be capable of something.
    Lacks(Capabilities),
    /// Nobody knows whether it is capable of something that it must be known for.
    NotKnown(Capabilities),
    /// Input and output do not fit into its context.
    Context {
        /// The tokens that are wanted.
        wanted: u64,
        /// The tokens that fit.
        most: u64,
    },
    /// Its answers are shorter than the request wants one to be.
    Output {
        /// The tokens that are wanted.
        wanted: u64,
        /// The tokens that an answer may have.
        most: u64,
    },
    /// The client says who may be asked, and does not name it (`only`).
    NotNamed,
    /// The client says that it may not be asked (`ignore`).
    Ignored,
    /// The client wants nobody else asked than those that come before it (`allow_fallbacks: false`).
    NoFallback,
    /// It costs more than the client says, in nano-dollars for a million tokens (`max_price`).
    Price {
        /// What it costs.
        price: u64,
        /// What it may cost.
        most: u64,
    },
    /// The client says what it may cost, and nobody knows what it costs.
    PriceNotKnown,
    /// Its provider trains models with requests (`data_collection: deny`).
    Trains,
    /// The configuration does not say whether its provider trains models with requests.
    TrainingNotKnown,
    /// Its provider keeps something of requests (`zdr`).
    Keeps,
    /// The configuration does not say whether its provider keeps something of requests.
    KeepingNotKnown,
    /// Its weights are rounded otherwise than the client says (`quantizations`).
    Quantization(String),
    /// The configuration does not say how its weights are rounded.
    QuantizationNotKnown,
}

impl Display for Why {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        match self {
            Why::NotLocal => out.write_str("not local"),
            Why::Lacks(capabilities) => list(out, "no ", *capabilities, ""),
            Why::NotKnown(capabilities) => list(out, "", *capabilities, " not known"),
            Why::Context { wanted, most } => write!(out, "context {most} < {wanted}"),
            Why::Output { wanted, most } => write!(out, "output {most} < {wanted}"),
            Why::NotNamed => out.write_str("not in only"),
            Why::Ignored => out.write_str("ignored"),
            Why::NoFallback => out.write_str("no fallbacks"),
            Why::Price { price, most } => write!(out, "price {} > {}", Dollars(*price), Dollars(*most)),
            Why::PriceNotKnown => out.write_str("price not known"),
            Why::Trains => out.write_str("trains"),
            Why::TrainingNotKnown => out.write_str("training not known"),
            Why::Keeps => out.write_str("keeps data"),
            Why::KeepingNotKnown => out.write_str("retention not known"),
            Why::Quantization(level) => write!(out, "quantization {}", word(level)),
            Why::QuantizationNotKnown => out.write_str("quantization not known"),
        }
    }
}

impl Why {
    /// What to do so that the deployment may answer.
    pub(crate) fn next(&self) -> &'static str {
        match self {
            Why::NotLocal => "add a local deployment to the route, or ask for a model that may be elsewhere",
            Why::Lacks(_) | Why::NotKnown(_) => "ask for a model that is capable of it, or leave it out of the request",
            Why::Context { .. } | Why::Output { .. } => "send less, ask for a shorter answer, or ask for another model",
            _ => "loosen `provider` in the request, or ask for another model",
        }
    }
}

fn list(out: &mut Formatter<'_>, before: &str, capabilities: Capabilities, behind: &str) -> Written {
    out.write_str(before)?;
    for (number, name) in capabilities.names().enumerate() {
        out.write_str(if number == 0 { "" } else { "+" })?;
        out.write_str(name)?;
    }
    out.write_str(behind)
}

/// Why `candidate` may not answer, if it may not: what the route says first, then what the request is, then what the client
/// wants.
pub(crate) fn why_not(
    policy: &Policy,
    candidate: &Candidate<'_>,
    need: &Need,
    preferences: &Preferences,
) -> Option<Why> {
    if policy.place == Place::LocalOnly && !candidate.local {
        return Some(Why::NotLocal);
    }
    capable(policy, candidate, need, preferences)
        .or_else(|| size(candidate, need))
        .or_else(|| named(candidate, preferences))
        .or_else(|| price(candidate, preferences))
        .or_else(|| facts(candidate, preferences))
}

fn capable(policy: &Policy, candidate: &Candidate<'_>, need: &Need, preferences: &Preferences) -> Option<Why> {
    let known = candidate.capabilities;
    let lacking = known.lacks(policy.need.and(need.uses));
    if !lacking.is_empty() {
        return Some(Why::Lacks(lacking));
    }
    let certain = if preferences.require_parameters { policy.need.and(need.uses) } else { policy.need };
    let doubtful = known.doubts(certain);
    (!doubtful.is_empty()).then_some(Why::NotKnown(doubtful))
}

fn size(candidate: &Candidate<'_>, need: &Need) -> Option<Why> {
    let output = need.max_output.unwrap_or(0);
    if let Some(most) = candidate.max_output.filter(|&most| most < output) {
        return Some(Why::Output { wanted: output, most });
    }
    let wanted = need.input_tokens.saturating_add(output);
    candidate.context_length.filter(|&most| most < wanted).map(|most| Why::Context { wanted, most })
}

fn named(candidate: &Candidate<'_>, preferences: &Preferences) -> Option<Why> {
    let names = |names: &[String]| names.iter().any(|name| candidate.is_called(name));
    if names(&preferences.ignore) {
        return Some(Why::Ignored);
    }
    if !preferences.only.is_empty() && !names(&preferences.only) {
        return Some(Why::NotNamed);
    }
    let beyond = !preferences.allow_fallbacks && !preferences.order.is_empty() && !names(&preferences.order);
    beyond.then_some(Why::NoFallback)
}

fn price(candidate: &Candidate<'_>, preferences: &Preferences) -> Option<Why> {
    let limits = preferences.max_price;
    if limits.prompt.is_none() && limits.completion.is_none() {
        return None;
    }
    let Some(rates) = candidate.price else { return Some(Why::PriceNotKnown) };
    let pairs = [(rates.input, limits.prompt), (rates.output, limits.completion)];
    pairs.into_iter().find_map(|(price, most)| most.filter(|&most| price > most).map(|most| Why::Price { price, most }))
}

/// What is asked on one's own machines stays there unless the configuration says otherwise.
fn facts(candidate: &Candidate<'_>, preferences: &Preferences) -> Option<Why> {
    let facts = candidate.facts;
    if preferences.deny_training {
        match facts.trains.or(candidate.local.then_some(false)) {
            Some(false) => {}
            Some(true) => return Some(Why::Trains),
            None => return Some(Why::TrainingNotKnown),
        }
    }
    if preferences.zero_data_retention {
        match facts.zero_data_retention.or(candidate.local.then_some(true)) {
            Some(true) => {}
            Some(false) => return Some(Why::Keeps),
            None => return Some(Why::KeepingNotKnown),
        }
    }
    let wanted = |level: &str| preferences.quantizations.iter().any(|wanted| wanted.eq_ignore_ascii_case(level));
    match facts.quantization {
        _ if preferences.quantizations.is_empty() => None,
        Some(level) => (!wanted(level)).then(|| Why::Quantization(level.to_owned())),
        None => (!wanted("unknown")).then_some(Why::QuantizationNotKnown),
    }
}

#[cfg(test)]
mod tests;
