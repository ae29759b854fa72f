//! Deciding: some are left out, the others are put in tiers, and each tier in order.

use crate::arrangement::{Arrangement, Rule, speed};
use crate::candidate::{Candidate, Need};
use crate::cost;
use crate::exclusion::{Why, why_not};
use crate::explanation;
use crate::learning::{Arm, Choice};
use crate::outcome::{Behind, Decision, Figure, Ranked, Refusal};
use crate::policy::{Place, Policy, Strategy};
use crate::preferences::Preferences;
use std::collections::BTreeMap;

/// How many there are in a dollar.
const NANO_DOLLARS: f64 = 1e9;

/// What stands before everything else: a deployment of a lower tier comes first, whatever it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tier {
    /// 0 works, 1 failed lately, 2 is at its limit, 3 is held back.
    illness: u8,
    /// Elsewhere, though the route prefers what is local.
    elsewhere: bool,
    /// Its place in what the client wants asked first.
    place: usize,
    /// Slower than the client wants.
    slow: bool,
}

impl Tier {
    fn of(candidate: &Candidate<'_>, policy: &Policy, preferences: &Preferences) -> Self {
        let behind = behind(candidate, preferences);
        let named = preferences.order.iter().position(|name| candidate.is_called(name));
        Self {
            illness: match behind {
                Some(Behind::HeldBack) => 3,
                Some(Behind::AtLimit) => 2,
                Some(Behind::Failing) => 1,
                Some(Behind::Slow) | None => 0,
            },
            elsewhere: policy.place == Place::PreferLocal && !candidate.local,
            place: named.unwrap_or(usize::MAX),
            slow: behind == Some(Behind::Slow),
        }
    }
}

/// Why a deployment is behind others, if it is.
fn behind(candidate: &Candidate<'_>, preferences: &Preferences) -> Option<Behind> {
    let late = candidate.latency.zip(preferences.max_latency).is_some_and(|(latency, most)| latency > most);
    let slow = speed(candidate).zip(preferences.min_throughput).is_some_and(|(speed, least)| speed < least);
    let reasons = [
        (candidate.held_back, Behind::HeldBack),
        (candidate.at_limit, Behind::AtLimit),
        (candidate.failing_recently, Behind::Failing),
        (late || slow, Behind::Slow),
    ];
    reasons.into_iter().find(|(is, _)| *is).map(|(_, behind)| behind)
}

/// Decides who is asked.
///
/// First those are left out that may not answer. What is held back, at its limit or failed lately comes to the end; where the route
/// prefers local deployments these come before others; then the client's `order` counts, and whether one is as fast as the
/// client wants. Among those that are still equal the client's `sort` decides, or else the route's strategy. A conversation
/// stays where it is only where the strategy decides: what the client says of the order holds to the letter.
///
/// `dice` gives numbers from 0 to below 1. With the same ones the decision is the same.
///
/// # Errors
/// Nobody is left; the refusal says for each why.
pub fn decide(
    policy: &Policy,
    candidates: &[Candidate<'_>],
    need: &Need,
    preferences: &Preferences,
    dice: &mut dyn FnMut() -> f64,
) -> Result<Decision, Refusal> {
    decide_by(policy, candidates, need, preferences, dice, None)
}

/// Says which of some deployments is worth the most.
pub type Advice<'a> = dyn FnMut(&[Arm<'_>]) -> Choice + 'a;

/// As [`decide`], with what was learned. `advice` is asked once, about those of which none is behind the others. What it says is
/// the order of these where the strategy is [`Strategy::Learned`], and else changes nothing.
///
/// # Errors
/// Those of [`decide`].
pub fn decide_by(
    policy: &Policy,
    candidates: &[Candidate<'_>],
    need: &Need,
    preferences: &Preferences,
    dice: &mut dyn FnMut() -> f64,
    advice: Option<&mut Advice<'_>>,
) -> Result<Decision, Refusal> {
    let mut excluded = Vec::new();
    let mut tiers: BTreeMap<Tier, Vec<usize>> = BTreeMap::new();
    for (number, candidate) in candidates.iter().enumerate() {
        match why_not(policy, candidate, need, preferences) {
            Some(why) => excluded.push((number, why)),
            None => tiers.entry(Tier::of(candidate, policy, preferences)).or_default().push(number),
        }
    }
    let rule = preferences.sort.map_or(Rule::Route(policy.strategy), Rule::Client);
    let conversation = need.conversation.filter(|_| policy.sticky);
    let costs = cost::of_tiers(candidates, tiers.values(), need);
    let arrangement = Arrangement { candidates, costs: &costs, rule, conversation };
    let learned = advice.and_then(|advice| learned(tiers.values_mut().next()?, &arrangement, advice));
    let mut order: Vec<usize> = tiers.into_values().flat_map(|group| arrangement.arrange(group, &mut *dice)).collect();
    if !preferences.allow_fallbacks && preferences.order.is_empty() && order.len() > 1 {
        excluded.extend(order.split_off(1).into_iter().map(|number| (number, Why::NoFallback)));
    }
    if order.is_empty() {
        return Err(refusal(candidates, excluded));
    }
    let ranked = |number: usize| Ranked {
        candidate: number,
        figure: learned.as_ref().and_then(|learned| learned.figure(number)).or_else(|| arrangement.figure(number)),
        behind: candidates.get(number).and_then(|candidate| behind(candidate, preferences)),
    };
    let mut by = by(policy, preferences, &arrangement);
    if learned.as_ref().is_some_and(|learned| learned.explores) {
        by.push_str(", exploring");
    }
    let mut decision = Decision { by, order: order.into_iter().map(ranked).collect(), excluded, why: String::new() };
    decision.why = explanation::line(&decision, candidates);
    Ok(decision)
}

/// What was learned of deployments, where it decides.
struct Learned {
    /// What each is worth, by its number among the candidates.
    worth: BTreeMap<usize, f64>,
    explores: bool,
}

impl Learned {
    fn figure(&self, number: usize) -> Option<Figure> {
        self.worth.get(&number).copied().map(Figure::Worth)
    }
}

/// Asks for advice about `group`, and puts it in order where that is what decides.
fn learned(group: &mut Vec<usize>, arrangement: &Arrangement<'_>, advice: &mut Advice<'_>) -> Option<Learned> {
    let of = |number: &usize| arrangement.candidates.get(*number);
    let arms: Vec<Arm<'_>> = group
        .iter()
        .filter_map(|number| Some((of(number)?, arrangement.cost(*number))))
        .map(|(one, cost)| Arm { name: one.name, dollars: cost.map(|cost| cost as f64 / NANO_DOLLARS), seconds: None })
        .collect();
    let choice = advice(&arms);
    if arrangement.rule != Rule::Route(Strategy::Learned) {
        return None;
    }
    let worth = group.iter().copied().zip(choice.worth).collect();
    *group = choice.order.iter().filter_map(|place| group.get(*place).copied()).collect();
    Some(Learned { worth, explores: choice.explores })
}

/// What had a say in the order.
fn by(policy: &Policy, preferences: &Preferences, arrangement: &Arrangement<'_>) -> String {
    let mut by = match arrangement.rule {
        Rule::Route(strategy) => strategy.name().to_owned(),
        Rule::Client(sort) => format!("sort {}", sort.name()),
    };
    let sticky = arrangement.conversation.is_some()
        && matches!(arrangement.rule, Rule::Route(strategy) if !matches!(strategy, Strategy::Order | Strategy::Learned));
    let more = [
        (!preferences.order.is_empty(), "asked order"),
        (policy.place != Place::Any, policy.place.name()),
        (sticky, "sticky"),
    ];
    for (_, name) in more.into_iter().filter(|(says, _)| *says) {
        by.push_str(" + ");
        by.push_str(name);
    }
    by
}

fn refusal(candidates: &[Candidate<'_>], excluded: Vec<(usize, Why)>) -> Refusal {
    if excluded.is_empty() {
        let what = "there is no deployment behind this model".to_owned();
        return Refusal { excluded, what, next: "name deployments in `use` of the route".to_owned() };
    }
    // Each reason has its own way out, and any of them may be the one that the client can take.
    let mut ways: Vec<&str> = Vec::new();
    for (_, why) in &excluded {
        if !ways.contains(&why.next()) {
            ways.push(why.next());
        }
    }
    let next = ways.join("; or ");
    let what = format!("no deployment may answer this: {}", explanation::left_out(&excluded, candidates));
    Refusal { excluded, what, next }
}

#[cfg(test)]
mod tests;
