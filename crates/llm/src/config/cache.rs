//! Which answers of a route are kept: `models.routes.<name>.cache`, and how much room there is: `models.cache`.

use base::Code;
use base::config::{Section, Value};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Which answers of a route are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// For how long.
    pub exact: Duration,
    /// Whether also where the model was asked to choose its words by chance.
    pub any_temperature: bool,
    /// Whether all principals have each other's answers who may ask for the route.
    pub shared: bool,
    /// Which answers are given to texts that mean the same, if any are.
    pub semantic: Option<Semantic>,
}

/// Which answers are given to texts that mean the same as the one that they were for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Semantic {
    /// The share of answers given that may be wrong, above 0.
    pub error: Share,
    /// The share of answers that are compared with real ones although they may be given.
    pub check: Share,
    /// Whether none is given, and all are compared.
    pub shadow: bool,
    /// How many answers are compared with, for each principal.
    pub entries: usize,
}

/// A share of a whole, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl Share {
    /// From 0 to 1.
    pub fn part(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

/// How long answers may be kept.
const TIMES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(30 * 86_400);
/// The bounds on errors that may be written: below, nothing would ever be proved, and above, nothing is bound.
const ERRORS: RangeInclusive<Share> = Share(1_000)..=Share(200_000);

/// Reads the room for kept answers.
pub(super) fn read_size(models: &mut Section<'_>) -> Option<usize> {
    let mut section = models.section("cache")?;
    let size = section.size("size", 0..=1 << 40).and_then(|bytes| usize::try_from(bytes).ok());
    section.finish();
    size
}

/// Reads what is kept of a route.
pub(super) fn read(route: &mut Section<'_>) -> Option<Cache> {
    let mut section = route.section("cache")?;
    let exact = section.duration("exact", TIMES);
    if !section.has("exact") {
        let message = format!("`{}` does not say how long answers are kept", section.path());
        section.problem("exact", Code::ConfigInvalidValue, message, "write for example `exact: 1h`".to_owned());
    }
    let any_temperature = section.boolean("any_temperature").unwrap_or(false);
    let shared = section.boolean("shared").unwrap_or(false);
    let semantic = read_semantic(&mut section);
    section.finish();
    Some(Cache { exact: exact?, any_temperature, shared, semantic })
}

/// Reads `semantic: 1%`, or a section that says more.
fn read_semantic(cache: &mut Section<'_>) -> Option<Semantic> {
    let usual = |error| Semantic { error, check: Share(50_000), shadow: false, entries: 1_000 };
    let fits = |section: &Section<'_>, error: &Share| {
        if !ERRORS.contains(error) {
            let message = format!("the share of wrong answers in `{}` must be from 0.1% to 20%", section.path());
            section.problem("", Code::ConfigInvalidValue, message, "write for example `semantic: 1%`".to_owned());
        }
        ERRORS.contains(error)
    };
    if !matches!(cache.node("semantic")?.value, Value::Map(_)) {
        return share(cache, "semantic").filter(|error| fits(cache, error)).map(usual);
    }
    let mut section = cache.section("semantic")?;
    let mut semantic =
        usual(share(&mut section, "error").filter(|error| fits(&section, error)).unwrap_or(Share(10_000)));
    semantic.check = share(&mut section, "check").unwrap_or(semantic.check);
    semantic.shadow = section.boolean("shadow").unwrap_or(false);
    let entries = section.integer("entries", 1..=10_000).and_then(|entries| usize::try_from(entries).ok());
    semantic.entries = entries.unwrap_or(semantic.entries);
    section.finish();
    Some(semantic)
}

/// A share: `1%` or `0.01`.
fn share(section: &mut Section<'_>, key: &'static str) -> Option<Share> {
    let text = section.text(key)?;
    let text = text.trim();
    let number = match text.strip_suffix('%') {
        Some(number) => number.trim().parse::<f64>().map(|number| number / 100.0),
        None => text.parse::<f64>(),
    };
    let Some(part) = number.ok().filter(|part| (0.0..=1.0).contains(part)) else {
        let message = format!("`{}.{key}` must be a share, and another text stands there", section.path());
        section.problem(key, Code::ConfigInvalidValue, message, format!("write for example `{key}: 5%`"));
        return None;
    };
    // Millionths of a share up to 1 fit.
    Some(Share((part * 1e6).round() as u32))
}

#[cfg(test)]
mod tests;
