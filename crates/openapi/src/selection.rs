//! Which operations are served.

use base::{Code, Error, Result};
use globset::{Glob, GlobSet, GlobSetBuilder};

/// The patterns of an operator. A pattern is about `operationId`, or about `METHOD /path` as the document writes it,
/// where braces stand for themselves.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    allow: Option<Patterns>,
    deny: Patterns,
}

#[derive(Debug, Clone, Default)]
struct Patterns {
    texts: Vec<String>,
    set: GlobSet,
}

/// What becomes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Served,
    /// A pattern of `deny` takes it out.
    Denied,
    /// There are patterns of `allow`, and none lets it in.
    NotAllowed,
    /// There are none, and it may change something.
    Changes,
}

/// The most patterns of one list.
const MOST: usize = 1000;

impl Selection {
    /// Reads patterns. Without `allow`, operations that only read (GET and HEAD) are served.
    ///
    /// # Errors
    /// A pattern that is none, or too many of them.
    pub fn new(allow: Option<Vec<String>>, deny: Vec<String>) -> Result<Self> {
        Ok(Self { allow: allow.map(Patterns::new).transpose()?, deny: Patterns::new(deny)? })
    }

    pub(crate) fn verdict(&self, method: &str, path: &str, id: Option<&str>) -> Verdict {
        let by_path = format!("{method} {path}");
        if self.deny.names(&by_path, id) {
            return Verdict::Denied;
        }
        match &self.allow {
            Some(allow) if allow.names(&by_path, id) => Verdict::Served,
            Some(_) => Verdict::NotAllowed,
            None if matches!(method, "GET" | "HEAD") => Verdict::Served,
            None => Verdict::Changes,
        }
    }

    /// The patterns that are about none of `operations` (method, path and `operationId`): they are mistyped, or the
    /// document has changed.
    pub(crate) fn idle<'a>(&'a self, operations: &[(&str, &str, Option<&str>)]) -> Vec<&'a str> {
        let all = [self.allow.as_ref(), Some(&self.deny)].into_iter().flatten();
        let mut idle = Vec::new();
        for patterns in all {
            let mut hit = vec![false; patterns.texts.len()];
            for (method, path, id) in operations {
                let by_path = format!("{method} {path}");
                let mut matched = patterns.set.matches(&by_path);
                id.iter().for_each(|id| matched.extend(patterns.set.matches(id)));
                matched.into_iter().for_each(|index| hit[index] = true);
            }
            idle.extend(patterns.texts.iter().zip(hit).filter(|(_, hit)| !hit).map(|(text, _)| text.as_str()));
        }
        idle
    }
}

impl Patterns {
    fn new(texts: Vec<String>) -> Result<Self> {
        let next = "write an operationId such as `getPet`, `get*`, or `GET /pets/{petId}`";
        let bad = |message: String| Error::new(Code::ConfigInvalidValue, message, next);
        if texts.len() > MOST {
            return Err(bad(format!("there are more than {MOST} patterns")));
        }
        let mut set = GlobSetBuilder::new();
        for text in &texts {
            // In a path braces name a parameter; in a name they list alternatives.
            let is_path = text.contains(" /");
            let glob = if is_path { text.replace('{', "[{]").replace('}', "[}]") } else { text.clone() };
            set.add(Glob::new(&glob).map_err(|error| bad(format!("`{text}` is no pattern: {error}")))?);
        }
        let set = set.build().map_err(|error| bad(format!("the patterns are too large together: {error}")))?;
        Ok(Self { texts, set })
    }

    fn names(&self, by_path: &str, id: Option<&str>) -> bool {
        self.set.is_match(by_path) || id.is_some_and(|id| self.set.is_match(id))
    }
}

impl PartialEq for Selection {
    fn eq(&self, other: &Self) -> bool {
        let texts = |selection: &Selection| {
            (selection.allow.as_ref().map(|allow| allow.texts.clone()), selection.deny.texts.clone())
        };
        texts(self) == texts(other)
    }
}

#[cfg(test)]
mod tests;
