//! Which deployments answer a request, in which order.

use super::State;
use crate::caller::Caller;
use crate::config::{Hedge, Route};
use crate::lane::Lane;
use crate::request::Asked;
use crate::route::{self, Meant};
use base::{Code, Error, Result};
use inspection::needs::Needs;
use lessons::{Lesson, Lessons, Pupil};
use protection::allowance::Allowance;
use routing::{
    Candidate, Capabilities, Capability, Decision, Need, Partition, Place, Policy, Preferences, Refusal, Sort,
};
use std::borrow::Cow;
use std::sync::Arc;

/// Why deployments are asked in their order of which nothing is known that puts one behind another.
const AS_WRITTEN: &str = "order: as written";

/// What was chosen.
pub(super) struct Choice<'a> {
    /// The deployments, in the order in which they are asked.
    pub(super) lanes: Vec<Chosen<'a>>,
    /// Why so, where there was a choice.
    pub(super) why: Option<Cow<'static, str>>,
    /// When a second one is asked beside one that is slow.
    pub(super) hedge: Option<Hedging<'a>>,
}

/// When a second deployment is asked, and how often that may be.
#[derive(Clone, Copy)]
pub(super) struct Hedging<'a> {
    pub(super) settings: &'a Hedge,
    pub(super) allowance: &'a Arc<Allowance>,
}

/// A deployment that may be asked.
#[derive(Clone)]
pub(super) struct Chosen<'a> {
    pub(super) lane: Arc<Lane>,
    /// The route through which it is asked, if it is one: of several names of a request each leads to its own.
    pub(super) route: Option<&'a str>,
    /// How that puts its deployments in order.
    pub(super) strategy: Option<&'static str>,
    /// What the request will teach the route, where it learns.
    pub(super) lesson: Option<Lesson>,
    /// How many routes it stands behind that its own takes over from.
    pub(super) depth: usize,
}

/// Chooses for a request. `dice` gives numbers in 0..1.
///
/// # Errors
/// No deployment is meant, or none may answer.
pub(super) fn choose<'a>(
    state: &'a State,
    lessons: &Lessons,
    (asked, caller): (&'a Asked, &Caller),
    dice: &mut dyn FnMut() -> f64,
) -> Result<(Choice<'a>, Option<Needs>)> {
    let groups = meant(state, asked, caller)?;
    let first = groups.first();
    let (sort, hedge) = (first.and_then(|meant| meant.sort), first.and_then(|meant| hedging(state, meant)));
    let local = stays_local(state, &asked.model);
    let plain = !local && asked.preferences().is_none() && groups.iter().all(Meant::is_plain);
    let written: Vec<Chosen<'_>> = if plain { as_written(state, &groups).collect() } else { Vec::new() };
    // Whoever is the only one is asked, and says itself what it cannot do.
    if written.len() == 1 {
        return Ok((Choice { lanes: written, why: None, hedge }, None));
    }
    let needs = asked.needs();
    let stays = groups.iter().any(|meant| meant.route.is_some_and(|(_, route)| route.policy.sticky));
    let need = need(asked, &needs, stays);
    // Nothing is known that leaves one out, or puts it behind another.
    if plain && written.iter().all(|chosen| chosen.lane.is_fit(&need)) {
        return Ok((Choice { lanes: written, why: Some(Cow::Borrowed(AS_WRITTEN)), hedge }, Some(needs)));
    }
    let (lanes, why) = decide(state, lessons, groups, (asked, &need), (sort, local), dice)?;
    Ok((Choice { lanes, why: Some(Cow::Owned(why)), hedge }, Some(needs)))
}

/// All deployments of these names.
fn as_written<'a>(state: &State, groups: &[Meant<'a>]) -> impl Iterator<Item = Chosen<'a>> {
    groups.iter().flat_map(|meant| through(state, meant, None).map(|(chosen, _)| chosen))
}

/// Leaves out who may not answer, and puts the others in order. Says why so, too.
fn decide<'a>(
    state: &'a State,
    lessons: &Lessons,
    mut groups: Vec<Meant<'a>>,
    (asked, need): (&Asked, &Need),
    (sort, local): (Option<Sort>, bool),
    dice: &mut dyn FnMut() -> f64,
) -> Result<(Vec<Chosen<'a>>, String)> {
    let mut preferences = asked.preferences().map(|said| Preferences::clone(said)).unwrap_or_default();
    preferences.sort = preferences.sort.or(sort);
    let preferences = &preferences;
    let alone = groups.iter().all(|meant| meant.depth > 0);
    groups.retain(|meant| meant.depth == 0 || alone || preferences.allow_fallbacks);
    let groups = grouped(state, &groups, (preferences.partition, local), |(name, route)| {
        Some(lessons.pupil(name, route.learning?, need))
    });
    let (mut lanes, mut why, mut refusals) = (Vec::new(), Vec::new(), Vec::new());
    for one in &groups {
        let group = &one.lanes;
        let candidates: Vec<Candidate<'_>> =
            group.iter().map(|(chosen, weight)| chosen.lane.candidate(&state.settings, *weight)).collect();
        match one.decide(&candidates, need, preferences, dice) {
            Ok(Decision { order, why: mut reason, .. }) => {
                if let Some((chosen, _)) = group.first().filter(|(chosen, _)| chosen.depth > 0) {
                    reason = format!("fallback {}: {reason}", chosen.route.unwrap_or_default());
                }
                let ordered = order.iter().filter_map(|ranked| group.get(ranked.candidate));
                lanes.extend(ordered.map(|(chosen, _)| chosen.clone()));
                why.push(reason);
            }
            // What is known of models may be wrong, and what a request needs is an estimate: where nobody says who may answer
            // they are asked as they are written, and say themselves what they cannot do.
            Err(refusal) if one.plain && asked.preferences().is_none() && !group.is_empty() => {
                lanes.extend(group.iter().map(|(chosen, _)| chosen.clone()));
                why.push(format!("order: as written, for {}", refusal.what));
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    let refusal = refusals.into_iter().next().filter(|_| lanes.is_empty());
    if let Some(refusal) = refusal {
        return Err(Error::new(Code::ModelUnfit, refusal.what, refusal.next));
    }
    // Also where each name of the request has its own order.
    if groups.len() > 1 {
        lanes.sort_by_key(|chosen| (chosen.depth, chosen.lane.seen.is_silent()));
    }
    Ok((lanes, why.join("; ")))
}

fn hedging<'a>(state: &'a State, meant: &Meant<'a>) -> Option<Hedging<'a>> {
    let (name, route) = meant.route?;
    Some(Hedging { settings: route.hedge.as_ref()?, allowance: state.allowances.get(name)? })
}

/// Deployments that are put in order together.
struct Group<'a> {
    policy: Policy,
    /// Whether nobody says anything of the order, or of who may answer.
    plain: bool,
    /// Each with its weight.
    lanes: Vec<(Chosen<'a>, u32)>,
    /// The route among them that learns, if one does: the first.
    pupil: Option<Pupil>,
}

impl Group<'_> {
    fn decide(
        &self,
        candidates: &[Candidate<'_>],
        need: &Need,
        preferences: &Preferences,
        dice: &mut dyn FnMut() -> f64,
    ) -> Result<Decision, Refusal> {
        match &self.pupil {
            Some(pupil) => pupil.decide(&self.policy, candidates, (need, preferences), dice),
            None => routing::decide(&self.policy, candidates, need, preferences, dice),
        }
    }
}

/// The deployments that a name means, each with its weight.
fn through<'a>(state: &State, meant: &Meant<'a>, lesson: Option<Lesson>) -> impl Iterator<Item = (Chosen<'a>, u32)> {
    let depth = meant.depth;
    let (route, strategy) = meant.route.map(|(name, route)| (name, route.policy.strategy.name())).unzip();
    meant.deployments.iter().map(move |(one, weight)| {
        (Chosen { lane: state.lane(one), route, strategy, lesson: lesson.clone(), depth }, *weight)
    })
}

/// Whether what is asked of this name stays on one's own machines. That holds for all other names of the request, which stand in for
/// it, also where it answers nothing of the kind itself.
fn stays_local(state: &State, name: &str) -> bool {
    let routes = &state.settings.routes;
    let route = routes.get(name).or_else(|| routes.get(routing::suffix(name).0));
    route.is_some_and(|route| route.policy.place == Place::LocalOnly)
}

/// The deployments of each name by themselves, or of all together; those that take over stay behind. What one route needs, and where it
/// may lead, then holds for all. `local` are all of them where that is said.
fn grouped<'a>(
    state: &State,
    meant: &[Meant<'a>],
    (partition, local): (Partition, bool),
    pupil: impl Fn((&'a str, &'a Route)) -> Option<Pupil>,
) -> Vec<Group<'a>> {
    let group = |meant: &Meant<'a>| {
        let pupil = meant.route.and_then(&pupil);
        let lesson = pupil.as_ref().map(|pupil| pupil.lesson());
        let mut policy = meant.route.map_or_else(Policy::default, |(_, route)| route.policy);
        let plain = meant.is_plain() && !local;
        if local || meant.local_only {
            policy.place = Place::LocalOnly;
        }
        Group { policy, plain, lanes: through(state, meant, lesson).collect(), pupil }
    };
    if partition == Partition::Model {
        return meant.iter().map(group).collect();
    }
    let (named, behind): (Vec<&Meant<'a>>, Vec<&Meant<'a>>) = meant.iter().partition(|meant| meant.depth == 0);
    let together = named.into_iter().map(group).reduce(|mut all, next| {
        all.policy.need = all.policy.need.and(next.policy.need);
        if next.policy.place == Place::LocalOnly {
            all.policy.place = Place::LocalOnly;
        }
        all.plain &= next.plain;
        all.lanes.extend(next.lanes);
        all
    });
    together.into_iter().chain(behind.into_iter().map(group)).collect()
}

/// The deployments that each name of the request means, then those of routes that take over from them. Of several names some may
/// mean none.
fn meant<'a>(state: &'a State, asked: &'a Asked, caller: &Caller) -> Result<Vec<Meant<'a>>> {
    let (mut groups, mut behind, mut failure) = (Vec::new(), Vec::new(), None);
    let taking_over = |name| route::taking_over(&state.settings, name, asked.endpoint);
    for name in std::iter::once(&*asked.model).chain(asked.others().iter().map(String::as_str)) {
        match route::find(&state.settings, name, asked.endpoint, caller) {
            Ok(meant) if meant.route.is_some_and(|(_, route)| route.hybrid.is_some()) => {
                let message = format!("`{name}` is a strategy of several models, and cannot take the place of one");
                let error =
                    Error::new(Code::ModelRequest, message, "name it as the `model` of the request, or leave it out");
                failure = failure.or(Some(error));
            }
            Ok(meant) => {
                behind.extend(meant.route.into_iter().flat_map(|(name, _)| taking_over(name)));
                groups.push(meant);
            }
            Err(error) => {
                // It may be the endpoint that those of the route itself lack.
                let own = if state.settings.routes.contains_key(name) { name } else { routing::suffix(name).0 };
                behind.extend(caller.may_ask(own).then(|| taking_over(own)).into_iter().flatten());
                failure = failure.or(Some(error));
            }
        }
    }
    behind.sort_by_key(|meant| meant.depth);
    groups.extend(behind);
    match failure {
        Some(error) if groups.is_empty() => Err(error),
        _ => Ok(groups),
    }
}

/// What a request needs, as the choice between deployments sees it. Which conversation it is counts only where it `stays`.
pub(super) fn need(asked: &Asked, needs: &Needs, stays: bool) -> Need {
    let uses = [
        (needs.tools, Capability::Tools),
        (needs.vision, Capability::Vision),
        (needs.audio, Capability::Audio),
        (needs.documents, Capability::Documents),
        (needs.json_schema, Capability::JsonSchema),
        (needs.reasoning, Capability::Reasoning),
        (asked.stream, Capability::Stream),
    ];
    let uses: Capabilities = uses.into_iter().filter(|(used, _)| *used).map(|(_, capability)| capability).collect();
    Need {
        // Those that rank read each document by itself, and of pictures and sound nobody knows.
        input_tokens: if asked.endpoint.is_passed() { 0 } else { needs.input },
        max_output: needs.max_output,
        uses,
        conversation: stays.then(|| asked.conversation()),
    }
}
