//! Routes: the names that clients ask for, and what stands behind each.

use super::{Cache, Deployment, Hybrid, cache, capabilities, hybrid, money};
use base::Code;
use base::config::{Entry, Node, Problems, Section, Value};
use protection::allowance::Shares;
use resilience::hedge;
use routing::learning::Learning;
use routing::{Place, Policy, Strategy};
use spending::Budget;
use std::time::Duration;

/// A name that clients ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The deployments that may answer, as they are written.
    pub deployments: Vec<Deployment>,
    /// The route that takes over where all of them have failed or may not answer.
    pub fallback: Option<String>,
    /// How much each takes beside the others, where the strategy asks for it.
    pub weights: Vec<u32>,
    /// How they are put in order, and which may answer at all.
    pub policy: Policy,
    /// How it learns which deployments are worth the most, where it does.
    pub learning: Option<Learning>,
    /// When a second deployment is asked beside one that is slow.
    pub hedge: Option<Hedge>,
    /// What may be spent over it.
    pub budget: Option<Budget>,
    /// Which answers are kept, if any are.
    pub cache: Option<Cache>,
    /// How its models help each other, where one request is more than one question.
    pub hybrid: Option<Hybrid>,
}

/// When a second deployment is asked beside one that is slow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hedge {
    /// After which time.
    pub when: hedge::Settings,
    /// How many more requests that may be, and what they may cost.
    pub shares: Shares,
}

/// The heaviest weight.
const HEAVIEST: i64 = 1_000_000;

/// What a strategy is.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// One deployment is chosen.
    Choice(Strategy),
    /// Several models help each other.
    Hybrid(&'static str),
}

/// The strategies, as they are written.
fn ways() -> Vec<(&'static str, Way)> {
    let choices = Strategy::NAMES.into_iter().map(|(name, strategy)| (name, Way::Choice(strategy)));
    choices.chain(::hybrid::Strategy::NAMES.into_iter().map(|name| (name, Way::Hybrid(name)))).collect()
}

pub(super) fn read(problems: &Problems, file: &str, entry: &Entry, providers: &[&Entry]) -> Option<Route> {
    let path = format!("models.routes.{}", entry.key);
    let mut section = Section::new(problems, file, &path, &entry.node)?;
    let way = section.choice("strategy", &ways());
    if let Some(Way::Hybrid(name)) = way {
        let hybrid = hybrid::read(&mut section, name);
        let budget = money::budget(&mut section, format!("route:{}", entry.key));
        section.finish();
        let (deployments, weights, policy) = (Vec::new(), Vec::new(), Policy::default());
        return Some(Route {
            deployments,
            fallback: None,
            weights,
            policy,
            learning: None,
            hedge: None,
            budget,
            cache: None,
            hybrid: Some(hybrid?),
        });
    }
    let used = used(problems, file, &mut section, providers);
    let mut policy = Policy {
        strategy: if let Some(Way::Choice(strategy)) = way { strategy } else { Strategy::default() },
        need: capabilities::read(&mut section, "need"),
        place: section.choice("place", &Place::NAMES).unwrap_or_default(),
        sticky: section.boolean("sticky").unwrap_or(false),
    };
    let fallback = section.text("fallback");
    let learning = lessons::config::read(&mut section, &mut policy);
    let hedge = section.section("hedge").map(hedge);
    let budget = money::budget(&mut section, format!("route:{}", entry.key));
    let cache = cache::read(&mut section);
    section.finish();
    let (deployments, weights): (Vec<_>, Vec<_>) = used.into_iter().unzip();
    let route = Route { deployments, fallback, weights, policy, learning, hedge, budget, cache, hybrid: None };
    (!route.deployments.is_empty()).then_some(route)
}

/// The deployments, each with its weight.
fn used(problems: &Problems, file: &str, section: &mut Section<'_>, providers: &[&Entry]) -> Vec<(Deployment, u32)> {
    let path = section.path().to_owned();
    let Some(node) = section.node("use") else {
        let next = "write `use: [provider/model]`".to_owned();
        section.problem("use", Code::ConfigInvalidValue, format!("`{path}` uses no deployment"), next);
        return Vec::new();
    };
    let nodes: Vec<&Node> = match &node.value {
        Value::List(nodes) => nodes.iter().collect(),
        _ => vec![node],
    };
    let mut used = Vec::new();
    for node in nodes {
        let (text, weight) = match &node.value {
            Value::Map(_) => {
                let Some(mut one) = Section::new(problems, file, &format!("{path}.use"), node) else { continue };
                let text = one.required_text("deployment");
                let weight = one.integer("weight", 0..=HEAVIEST).and_then(|weight| u32::try_from(weight).ok());
                one.finish();
                let Some(text) = text else { continue };
                (text, weight.unwrap_or(1))
            }
            _ => (node.scalar_text().unwrap_or_default(), 1),
        };
        let known = |deployment: &Deployment| providers.iter().any(|provider| provider.key == deployment.provider);
        match Deployment::parse(&text).filter(known) {
            Some(deployment) => used.push((deployment, weight)),
            None => {
                let names: Vec<&str> = providers.iter().map(|provider| provider.key.as_str()).collect();
                let names = names.join(", ");
                let next = format!("write `provider/model`, with one of these providers: {names}");
                section.problem("use", Code::ConfigInvalidValue, format!("`{path}.use` has `{text}`"), next);
            }
        }
    }
    used
}

fn hedge(mut section: Section<'_>) -> Hedge {
    let quantile = protection::settings::share(&mut section, "quantile").unwrap_or(0.95);
    let least = section.duration("least", Duration::ZERO..=Duration::from_secs(3600));
    let requests = protection::settings::share(&mut section, "share").unwrap_or(0.02);
    // Who allows more requests allows as much more to be paid, unless it is said otherwise.
    let money = protection::settings::share(&mut section, "spend").unwrap_or(requests);
    section.finish();
    Hedge {
        when: hedge::Settings { quantile, least: least.unwrap_or(Duration::from_millis(100)) },
        shares: Shares { requests, money },
    }
}
