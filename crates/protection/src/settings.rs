//! What of an entry of `servers:` says how calls are protected: `breaker`, `retry`, `rate`, `cache` and `tools`.

mod limits;
mod semantic;
mod words;

use base::Code;
use base::config::{Entry, Problems, Section, entries};
use globset::{Glob, GlobMatcher};
use resilience::bucket::Rate;
use resilience::retry::Effect;
use resilience::{breaker, budget, hedge, retry};
use std::sync::Arc;
use std::time::Duration;

pub use limits::Limits;
pub use semantic::Semantic;
#[cfg(test)]
use words::rate_from_text;
pub use words::{rate, share};

/// How the calls of an upstream are protected.
#[derive(Debug, Clone, PartialEq)]
pub struct Protection {
    /// When calls are held back.
    pub breaker: breaker::Settings,
    /// How often a call is sent again.
    pub retry: retry::Settings,
    /// How much of the traffic repeats may be.
    pub budget: budget::Settings,
    /// Whether a tool result that says `isError` is a fault that another attempt may mend.
    pub tool_errors: bool,
    /// How many calls the upstream gets.
    pub rate: Option<Rate>,
    /// Whether results are kept for as long as the upstream says.
    pub cache: bool,
    /// What holds for some of its tools. The first rule that says something about a tool counts.
    pub rules: Vec<Rule>,
}

impl Default for Protection {
    fn default() -> Self {
        Self {
            breaker: breaker::Settings::default(),
            retry: retry::Settings::default(),
            budget: budget::Settings::default(),
            tool_errors: false,
            rate: None,
            cache: true,
            rules: Vec::new(),
        }
    }
}

/// What holds for the tools that a pattern names.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The pattern, over the names that the upstream itself uses.
    pub pattern: GlobMatcher,
    /// What holds for them.
    pub says: Says,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.pattern.glob() == other.pattern.glob() && self.says == other.says
    }
}

/// What is said of a tool.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Says {
    /// What calling it twice means.
    pub effect: Option<Effect>,
    /// How many calls it gets.
    pub rate: Option<Rate>,
    /// How many of its calls run at once.
    pub calls: Option<usize>,
    /// When a second request is sent.
    pub hedge: Option<hedge::Settings>,
    /// How long its results are kept.
    pub cache: Option<Keep>,
    /// Which of these results are given for texts that mean the same.
    pub semantic: Option<Arc<Semantic>>,
    /// When its calls are held back, in place of what holds for the upstream.
    pub breaker: Option<breaker::Settings>,
}

/// How long a result is kept, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// How long.
    pub ttl: Duration,
    /// For whom.
    pub scope: Scope,
}

/// Who gets a kept result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All.
    Public,
    /// Who asked first.
    Private,
}

impl Protection {
    /// What is said of the tool with this name.
    pub fn of(&self, tool: &str) -> Says {
        let rules = self.rules.iter().filter(|rule| rule.pattern.is_match(tool));
        let mut says = rules.fold(Says::default(), |says, rule| Says {
            effect: says.effect.or(rule.says.effect),
            rate: says.rate.or(rule.says.rate),
            calls: says.calls.or(rule.says.calls),
            hedge: says.hedge.or(rule.says.hedge),
            cache: says.cache.or(rule.says.cache),
            semantic: says.semantic.or_else(|| rule.says.semantic.clone()),
            breaker: says.breaker.or(rule.says.breaker),
        });
        // One rule may say that results mean the same, and one before it that the tool has effects.
        let fine = says.effect == Some(Effect::Read) && says.cache.is_some_and(|keep| keep.scope == Scope::Public);
        says.semantic = says.semantic.filter(|_| fine);
        says
    }
}

const MILLI: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// The most calls of a tool at once that may be configured.
const CALLS: i64 = 1_000_000;

/// Reads the keys of an entry.
pub fn read(problems: &Problems, section: &mut Section<'_>) -> Protection {
    let mut protection = Protection::default();
    if let Some(breaker) = section.section("breaker") {
        read_breaker(breaker, &mut protection.breaker);
    }
    if let Some(retry) = section.section("retry") {
        read_retry(retry, &mut protection);
    }
    protection.rate = words::rate(section, "rate");
    protection.cache = section.boolean("cache").unwrap_or(true);
    let path = format!("{}.tools", section.path());
    if let Some(node) = section.node("tools") {
        let rules = entries(problems, section.file(), &path, node);
        let breaker = protection.breaker;
        let rule = |entry| rule(problems, section, &path, entry, breaker);
        protection.rules = rules.into_iter().filter_map(rule).collect();
    }
    protection
}

fn read_breaker(mut section: Section<'_>, breaker: &mut breaker::Settings) {
    breaker.enabled = section.boolean("enabled").unwrap_or(breaker.enabled);
    breaker.errors = words::share(&mut section, "errors").unwrap_or(breaker.errors);
    breaker.window = section.duration("window", MILLI * 100..=HOUR).unwrap_or(breaker.window);
    breaker.step = section.duration("step", MILLI * 10..=HOUR).unwrap_or(breaker.step);
    breaker.probe = section.duration("probe", MILLI * 10..=HOUR).unwrap_or(breaker.probe);
    breaker.probe_most = section.duration("probe_max", MILLI * 10..=HOUR).unwrap_or(breaker.probe_most);
    breaker.probe_most = breaker.probe_most.max(breaker.probe);
    breaker.slow_quantile = words::share(&mut section, "slow_quantile").unwrap_or(breaker.slow_quantile);
    breaker.slow_factor = words::factor(&mut section, "slow_factor").unwrap_or(breaker.slow_factor);
    breaker.jam_factor = words::factor(&mut section, "jam_factor").unwrap_or(breaker.jam_factor);
    let jam_least = section.integer("jam_least", 1..=CALLS).and_then(|calls| u32::try_from(calls).ok());
    breaker.jam_least = jam_least.unwrap_or(breaker.jam_least);
    breaker.jam_share = words::share(&mut section, "jam_share").unwrap_or(breaker.jam_share);
    // A share that never gets that low lets a server that only fails be called on and on.
    let least = words::share(&mut section, "least_share").map(|share| share.clamp(0.001, 0.5));
    breaker.least_share = least.unwrap_or(breaker.least_share);
    section.finish();
}

fn read_retry(mut section: Section<'_>, protection: &mut Protection) {
    let retry = &mut protection.retry;
    retry.attempts =
        section.integer("attempts", 1..=10).and_then(|attempts| u32::try_from(attempts).ok()).unwrap_or(retry.attempts);
    retry.first = section.duration("first", Duration::ZERO..=HOUR).unwrap_or(retry.first);
    retry.longest = section.duration("longest", Duration::ZERO..=HOUR).unwrap_or(retry.longest);
    protection.budget.share = words::share(&mut section, "budget").unwrap_or(protection.budget.share);
    protection.tool_errors = section.boolean("tool_errors").unwrap_or(false);
    section.finish();
}

fn rule(
    problems: &Problems,
    parent: &Section<'_>,
    path: &str,
    entry: &Entry,
    breaker: breaker::Settings,
) -> Option<Rule> {
    let path = format!("{path}.{}", entry.key);
    let mut section = Section::new(problems, parent.file(), &path, &entry.node)?;
    let (cache, semantic) = section.section("cache").map(read_keep).unwrap_or_default();
    let effects = [Effect::Read, Effect::Idempotent, Effect::Write].map(|effect| (effect.word(), effect));
    let says = Says {
        effect: section.choice("effect", &effects),
        rate: words::rate(&mut section, "rate"),
        calls: section.integer("calls", 1..=CALLS).and_then(|calls| usize::try_from(calls).ok()),
        hedge: section.section("hedge").map(read_hedge),
        cache,
        semantic: semantic.map(Arc::new),
        breaker: section.section("breaker").map(|section| {
            let mut own = breaker;
            read_breaker(section, &mut own);
            own
        }),
    };
    if says.effect != Some(Effect::Read) && says.hedge.is_some() {
        let message = format!("`{path}` hedges calls that are not said to change nothing");
        let next = "write `effect: read` beside it, if sending the call twice does no harm".to_owned();
        section.problem("hedge", Code::ConfigInvalidValue, message, next);
    }
    if says.effect != Some(Effect::Read) && says.semantic.is_some() {
        let message = format!("`{path}` gives results of other calls, and is not said to change nothing");
        let next = "write `effect: read` beside `cache`, if calls of the tool change nothing, or leave `semantic` out";
        section.problem("cache", Code::ConfigInvalidValue, message, next.to_owned());
    }
    section.finish();
    match Glob::new(&entry.key) {
        Ok(glob) => Some(Rule { pattern: glob.compile_matcher(), says }),
        Err(error) => {
            let message = format!("`{}` is no pattern: {}", entry.key, error.kind());
            parent.problem("tools", Code::ConfigInvalidValue, message, "write for example `search_*`".to_owned());
            None
        }
    }
}

fn read_hedge(mut section: Section<'_>) -> hedge::Settings {
    let quantile = words::share(&mut section, "quantile").unwrap_or(0.95);
    let least = section.duration("least", Duration::ZERO..=HOUR).unwrap_or(MILLI * 20);
    section.finish();
    hedge::Settings { quantile, least }
}

fn read_keep(mut section: Section<'_>) -> (Option<Keep>, Option<Semantic>) {
    let ttl = section.duration("ttl", MILLI..=HOUR * 24 * 7);
    let scope = section.choice("scope", &[("private", Scope::Private), ("public", Scope::Public)]);
    if !section.has("ttl") {
        let message = format!("`{}` does not say how long results are kept", section.path());
        section.problem("ttl", Code::ConfigInvalidValue, message, "write for example `ttl: 60s`".to_owned());
    }
    let scope = scope.unwrap_or(Scope::Private);
    let semantic = section.section("semantic").and_then(semantic::read);
    if semantic.is_some() && scope == Scope::Private {
        let message = format!("`{}` gives private results to other calls", section.path());
        let next = "write `scope: public` beside `semantic`, if the results are for all, or leave `semantic` out";
        section.problem("semantic", Code::ConfigInvalidValue, message, next.to_owned());
    }
    section.finish();
    (ttl.map(|ttl| Keep { ttl, scope }), semantic)
}

#[cfg(test)]
mod tests;
