//! Routes that take over from others: what stands there is known, leads to an end, and chooses one deployment.

use super::{Meant, Route, Settings};
use base::Code;
use base::config::{Entry, Problems, Section, nearest};
use routing::Place;

/// How many routes may take over, one after the other.
const DEPTH: usize = 4;

/// The routes that take over from the route `name`, in their order. What is asked of one's own machines only stays there.
pub(crate) fn fallbacks<'a>(settings: &'a Settings, name: &str) -> impl Iterator<Item = Meant<'a>> {
    let next = |route: &'a Route| route.fallback.as_ref().and_then(|name| settings.routes.get_key_value(name));
    let asked = settings.routes.get(name);
    let mut local_only = asked.is_some_and(is_near);
    std::iter::successors(asked.and_then(next), move |(_, route)| next(route)).take(DEPTH).zip(1..).map(
        move |((name, route), depth)| {
            local_only |= is_near(route);
            Meant { depth, local_only, ..Meant::of_route(name, route) }
        },
    )
}

fn is_near(route: &Route) -> bool {
    route.policy.place == Place::LocalOnly
}

/// Looks that what the routes of `entries` name as `fallback` can take over.
pub(super) fn check(problems: &Problems, file: &str, entries: &[&Entry], settings: &Settings) {
    for entry in entries {
        let fault = settings.routes.get(&entry.key).and_then(|route| fault(settings, &entry.key, route));
        let path = format!("models.routes.{}", entry.key);
        if let Some((what, next)) = fault
            && let Some(section) = Section::new(problems, file, &path, &entry.node)
        {
            let message = format!("`{path}.fallback` is `{what}");
            section.problem("fallback", Code::ConfigInvalidValue, message, next);
        }
    }
}

/// What is wrong with what a route names, and what to do about it.
fn fault(settings: &Settings, name: &str, route: &Route) -> Option<(String, String)> {
    let named = route.fallback.as_deref()?;
    let choosing = || settings.routes.iter().filter(|(_, route)| route.hybrid.is_none()).map(|(name, _)| name.as_str());
    let Some(first) = settings.routes.get(named) else {
        let next = match nearest(named, choosing()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write the name of another route, or put the deployment into `use`".to_owned(),
        };
        return Some((format!("{named}`, which is no route"), next));
    };
    if first.hybrid.is_some() {
        let what = format!("{named}`, a strategy of several models, which cannot take the place of one");
        return Some((what, "write the name of a route that chooses one deployment".to_owned()));
    }
    let (mut seen, mut at) = (vec![name, named], first);
    while let Some(next) = at.fallback.as_deref() {
        if next == name {
            let way = seen.join("` → `");
            let what = format!("{named}`, which leads back to itself: `{way}` → `{name}`");
            return Some((what, "take the `fallback` of one of them out".to_owned()));
        }
        // A circle that this one only leads into is told where it is.
        if seen.contains(&next) {
            return None;
        }
        seen.push(next);
        if seen.len() > DEPTH + 1 {
            let what = format!("{named}`, the first of more than {DEPTH} routes in a row");
            return Some((what, "make the row shorter".to_owned()));
        }
        at = settings.routes.get(next)?;
    }
    None
}

#[cfg(test)]
mod tests;
