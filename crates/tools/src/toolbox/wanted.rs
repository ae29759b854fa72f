//! What is looked for among the tools of a view: one reading for `search_tools` and for the API.

use super::arguments::{check_known, texts, wrong};
use crate::hub::Hub;
use crate::view::{Route, View};
use base::{Code, Error, Result};
use mcp::raw;
use resilience::retry::Effect;

/// Whose request it is.
#[derive(Debug)]
pub struct Form {
    /// What it is called where it is wrong.
    name: &'static str,
    /// What to do then.
    next: &'static str,
    known: &'static [&'static str],
    /// The most characters of a query, and whether what is longer is cut rather than refused: in what people write it is
    /// said first what they want, and what is pasted behind it shall not cost.
    length: usize,
    cuts: bool,
    /// Whether a member that is null is one that is not there, as models mean it.
    nulls: bool,
    /// The code of the error for a server that the view does not have.
    unknown: Code,
    /// How many tools are found for one query unless the request says otherwise, how many more for each further one, and
    /// how many at most.
    usual: (usize, usize, usize),
}

/// The tool `search_tools`.
pub(super) static OF_TOOL: Form = Form {
    name: "search_tools",
    next: "call it with `queries`, a list of texts that each say one thing that is to be done",
    known: &["queries", "query", "servers", "server", "risk", "capabilities", "limit", "tokens"],
    length: 500,
    cuts: false,
    nulls: true,
    unknown: Code::InvalidParams,
    usual: (5, 3, 20),
};

/// The body of a request to the API.
pub static OF_API: Form = Form {
    name: "the body",
    next: r#"send {"queries": ["what is to be done"], "limit": 5}"#,
    known: &["text", "queries", "query", "servers", "server", "risk", "capabilities", "limit", "tokens"],
    length: 2_000,
    cuts: true,
    nulls: false,
    unknown: Code::ServerUnknown,
    usual: (5, 3, 100),
};

/// The most queries of one request.
const QUERIES: usize = 8;

/// The most tokens that a budget may have.
const TOKENS: usize = 1_000_000;

/// How many servers are named in an error.
const SERVERS: usize = 40;

/// What is looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What is to be done, in words; none where nothing was said.
    pub(crate) queries: Vec<String>,
    servers: Vec<String>,
    risk: Vec<String>,
    capabilities: Vec<String>,
    /// The most tools.
    pub(crate) limit: usize,
    /// The most tokens of what is answered of them.
    pub(crate) tokens: Option<usize>,
}

impl Wanted {
    /// Reads a request, raw JSON.
    ///
    /// # Errors
    /// [`base::Code::InvalidParams`] where it is none.
    pub fn read(form: &Form, arguments: &str, view: &View) -> Result<Self> {
        let fault = |why: &str| wrong(form.name, why, form.next);
        if !raw::is_object(arguments) {
            return Err(fault("is no object"));
        }
        check_known(form.name, arguments, form.known, form.next)?;
        let all = |names: &[&'static str], most: usize| -> Result<Vec<String>> {
            let mut all = Vec::new();
            for name in names {
                all.extend(texts(form.name, arguments, name, most)?);
            }
            Ok(all)
        };
        let is_absent = |value: &str| value == "[]" || (!form.nulls && value == "null");
        if let Some(member) = raw::members(arguments).find(|member| is_absent(member.value) && !is_list(member)) {
            return Err(fault(&format!("says nothing with {}", member.key)));
        }
        let mut queries = all(&["queries", "query", "text"], QUERIES)?;
        if queries.is_empty() {
            return Err(fault("needs `queries`"));
        }
        if form.cuts {
            // Nothing fits a text that says nothing.
            queries.retain(|query| !query.trim().is_empty());
            queries.iter_mut().for_each(|query| cut(query, form.length));
        } else if queries.iter().any(|query| query.trim().is_empty()) {
            return Err(fault("needs `queries`, none of them empty"));
        } else if queries.iter().any(|query| query.chars().nth(form.length).is_some()) {
            return Err(fault(&format!("takes queries of at most {} characters", form.length)));
        }
        let (first, further, most) = form.usual;
        let usual = (first + further * queries.len().saturating_sub(1)).min(most);
        let wanted = Self {
            servers: all(&["servers", "server"], 100)?,
            risk: among(form, arguments, "risk", &["read_only", "not_destructive", "closed_world"])?,
            capabilities: among(form, arguments, "capabilities", &["structured", "task", "page"])?,
            limit: number(form, arguments, "limit", most)?.unwrap_or(usual),
            tokens: number(form, arguments, "tokens", TOKENS)?,
            queries,
        };
        let unknown = wanted.servers.iter().find(|name| !view.counts.iter().any(|(known, _)| known == *name));
        match unknown {
            None => Ok(wanted),
            Some(name) => {
                let name = base::visible::escaped(&name.chars().take(60).collect::<String>());
                let known: Vec<&str> = view.counts.iter().map(|(name, _)| name.as_str()).take(SERVERS).collect();
                let next = format!("name some of {}, or leave `servers` out", known.join(", "));
                Err(Error::new(
                    form.unknown,
                    format!("{} names the server `{name}`, which has no tools here", form.name),
                    next,
                ))
            }
        }
    }

    /// Whether only some tools may be found at all.
    pub(crate) fn is_narrow(&self) -> bool {
        !self.servers.is_empty() || !self.risk.is_empty() || !self.capabilities.is_empty()
    }

    /// Whether a tool with this definition may be found.
    pub(crate) fn allows(&self, hub: &Hub, route: &Route, json: &str) -> bool {
        let hint = |name| raw::at(json, &["annotations", name]);
        // What the operator says goes before what the tool says of itself.
        let said = || hub.upstream(&route.upstream)?.guard.protection().of(&route.original).effect;
        let reads = || said().map_or(hint("readOnlyHint") == Some("true"), |effect| effect == Effect::Read);
        let safe = |risk: &String| match risk.as_str() {
            "read_only" => reads(),
            "not_destructive" => reads() || hint("destructiveHint") == Some("false"),
            _ => hint("openWorldHint") == Some("false"),
        };
        let able = |capability: &String| match capability.as_str() {
            "structured" => raw::get(json, "outputSchema").is_some_and(raw::is_object),
            "task" => matches!(raw::at(json, &["execution", "taskSupport"]), Some("\"optional\"" | "\"required\"")),
            _ => raw::at(json, &["_meta", "ui", "resourceUri"]).is_some(),
        };
        (self.servers.is_empty() || self.servers.contains(&route.upstream))
            && self.risk.iter().all(safe)
            && self.capabilities.iter().all(able)
    }

    /// Which of the tools that were found, the best first, go into the budget, by the tokens of what is said of each: one
    /// that does not fit leaves its room to those behind it.
    pub(crate) fn fitting(&self, tokens: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut left = self.tokens.unwrap_or(usize::MAX);
        let mut fits = |tokens: usize| match left.checked_sub(tokens) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        };
        tokens.map(&mut fits).collect()
    }
}

/// Whether a member narrows the search, where it has anything in it.
fn is_list(member: &raw::Member<'_>) -> bool {
    member.value == "[]" && ["servers", "server", "risk", "capabilities"].iter().any(|name| member.is(name))
}

fn cut(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
    }
}

/// The words of the argument `name`, each of which must be one of `known`.
fn among(form: &Form, arguments: &str, name: &str, known: &[&str]) -> Result<Vec<String>> {
    let words = texts(form.name, arguments, name, known.len())?;
    match words.iter().all(|word| known.contains(&word.as_str())) {
        true => Ok(words),
        false => {
            let why = format!("takes for `{name}` only {}", known.join(", "));
            Err(wrong(form.name, &why, "leave it out, or use these"))
        }
    }
}

/// The whole number from 1 to `most` that is the argument `name`. 5.0 is one to JSON Schema, and to programs that know no
/// other numbers.
fn number(form: &Form, arguments: &str, name: &str, most: usize) -> Result<Option<usize>> {
    let Some(said) = raw::get(arguments, name).filter(|value| *value != "null") else { return Ok(None) };
    let whole = said.parse::<usize>().ok().or_else(|| {
        let number = said.parse::<f64>().ok().filter(|number| number.fract() == 0.0 && *number >= 0.0)?;
        (number <= most as f64).then_some(number as usize)
    });
    let number = whole.filter(|number| (1..=most).contains(number));
    let fault = || wrong(form.name, &format!("takes for `{name}` a whole number from 1 to {most}"), "leave it out");
    number.map(Some).ok_or_else(fault)
}

#[cfg(test)]
mod tests;
