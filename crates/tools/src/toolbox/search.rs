//! `search_tools`: tools by what they do, in one line each.

use super::arguments::{check_known, texts, wrong};
use super::signature;
use crate::discovery::{Found, Reading};
use crate::hub::Hub;
use crate::mode::Shown;
use crate::own::{self, Own, OwnCall, OwnTool, Work};
use crate::view::{Route, View};
use base::Result;
use context::tokens::{self, Count};
use mcp::raw;
use resilience::retry::Effect;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub(super) struct SearchTools;

const NAME: &str = "search_tools";

const NEXT: &str = "call it with `queries`, a list of texts that each say one thing that is to be done";

const KNOWN: [&str; 7] = ["queries", "query", "servers", "server", "risk", "capabilities", "limit"];

/// The most queries of one call, and characters of one.
const QUERIES: usize = 8;
const LENGTH: usize = 500;

/// How many tools are found for one query unless the client says otherwise, how many more for each further one, and how
/// many at most.
const USUAL: (usize, usize, usize) = (5, 3, 20);

/// How long a search waits for what upstreams told a moment ago.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many servers are named in the definition.
const SERVERS: usize = 40;

impl OwnTool for SearchTools {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offered(&self, view: &View) -> bool {
        view.shown == Shown::Search
    }

    fn definition(&self, view: &View) -> String {
        let mut servers: Vec<String> =
            view.counts.iter().take(SERVERS).map(|(name, count)| format!("{name} {count}")).collect();
        if view.counts.len() > SERVERS {
            servers.push(format!("{} more", view.counts.len() - SERVERS));
        }
        let said = format!(
            "Finds tools by what they do and gives one line for each: name(argument:type, optional?:type): what it does. \
             Call them with call_tool. Servers and their numbers of tools: {}.",
            if servers.is_empty() { "none yet".to_owned() } else { servers.join(", ") }
        );
        format!(
            r#"{{"name":"search_tools","title":"Search tools","description":{},"inputSchema":{}"#,
            raw::quote(&said),
            r#"{"type":"object","properties":{"queries":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":8,"description":"What is to be done, one entry for each step"},"servers":{"type":"array","items":{"type":"string"},"description":"Only tools of these"},"risk":{"type":"array","items":{"enum":["read_only","not_destructive","closed_world"]},"description":"Only tools that say so of themselves"},"capabilities":{"type":"array","items":{"enum":["structured","task","page"]}},"limit":{"type":"integer","minimum":1,"maximum":20}},"required":["queries"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":false}}"#
        )
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        let wanted = Wanted::read(&call)?;
        let (hub, view, caller) = (hub.clone(), call.view, call.caller);
        Ok(Work::Own(Own::new(&caller, async move {
            hub.discovery().settle(PATIENCE).await;
            let queries = hub.discovery().read(&wanted.queries).await;
            Ok(found(&hub, &view, &wanted, &queries))
        })))
    }
}

/// What is looked for.
struct Wanted {
    queries: Vec<String>,
    servers: Vec<String>,
    risk: Vec<String>,
    capabilities: Vec<String>,
    limit: usize,
}

impl Wanted {
    fn read(call: &OwnCall) -> Result<Self> {
        let arguments = call.arguments()?;
        check_known(NAME, arguments, &KNOWN, NEXT)?;
        let either = |one: &'static str, many: &'static str, most: usize| -> Result<Vec<String>> {
            let (mut all, more) = (texts(NAME, arguments, many, most)?, texts(NAME, arguments, one, 1)?);
            all.extend(more);
            Ok(all)
        };
        let queries = either("query", "queries", QUERIES)?;
        if queries.is_empty() || queries.iter().any(|query| query.trim().is_empty()) {
            return Err(wrong(NAME, "needs `queries`, none of them empty", NEXT));
        }
        if queries.iter().any(|query| query.chars().nth(LENGTH).is_some()) {
            return Err(wrong(NAME, &format!("takes queries of at most {LENGTH} characters"), NEXT));
        }
        let wanted = Self {
            servers: either("server", "servers", 100)?,
            risk: among(arguments, "risk", &["read_only", "not_destructive", "closed_world"])?,
            capabilities: among(arguments, "capabilities", &["structured", "task", "page"])?,
            limit: limit(arguments, queries.len())?,
            queries,
        };
        let unknown = wanted.servers.iter().find(|name| !call.view.counts.iter().any(|(known, _)| known == *name));
        match unknown {
            None => Ok(wanted),
            Some(name) => {
                let name = base::visible::escaped(&name.chars().take(60).collect::<String>());
                let known: Vec<&str> = call.view.counts.iter().map(|(name, _)| name.as_str()).take(SERVERS).collect();
                let next = format!("name some of {}, or leave `servers` out", known.join(", "));
                Err(wrong(NAME, &format!("knows no server `{name}` with tools"), &next))
            }
        }
    }

    /// Whether only some tools may be found at all.
    fn is_narrow(&self) -> bool {
        !self.servers.is_empty() || !self.risk.is_empty() || !self.capabilities.is_empty()
    }

    /// Whether a tool with this definition may be found.
    fn allows(&self, hub: &Hub, route: &Route, json: &str) -> bool {
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
}

/// The words of the argument `name`, each of which must be one of `known`.
fn among(arguments: &str, name: &str, known: &[&str]) -> Result<Vec<String>> {
    let words = texts(NAME, arguments, name, known.len())?;
    match words.iter().all(|word| known.contains(&word.as_str())) {
        true => Ok(words),
        false => {
            Err(wrong(NAME, &format!("takes for `{name}` only {}", known.join(", ")), "leave it out, or use these"))
        }
    }
}

fn limit(arguments: &str, queries: usize) -> Result<usize> {
    let (first, further, most) = USUAL;
    let Some(said) = raw::get(arguments, "limit").filter(|value| *value != "null") else {
        return Ok((first + further * (queries - 1)).min(most));
    };
    let number = said.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| wrong(NAME, &format!("takes for `limit` a whole number from 1 to {most}"), "leave it out"))
}

/// The result of a search.
fn found(hub: &Hub, view: &Arc<View>, wanted: &Wanted, queries: &[Reading]) -> String {
    let items = &view.lists[0].items;
    let allows = |route: &Route, place: usize| wanted.allows(hub, route, &items[place].json);
    let allowed = wanted.is_narrow().then_some(&allows as crate::discovery::Allowed<'_>);
    let found = hub.discovery().search(view, queries, allowed, wanted.limit);
    let lines: Vec<String> =
        found.iter().map(|found| signature::line(&items[found.place].key, &items[found.place].json)).collect();
    let mut text = lines.join("\n");
    if lines.is_empty() {
        text.push_str("No tool fits. Say it in other words, or without `servers` and `risk`.");
    }
    let silent = silent(hub, view);
    if !silent.is_empty() {
        text.push_str(&format!("\nNot searched, as they have not told their tools yet: {}", silent.join(", ")));
    }
    let shown = view.family.count(&text);
    let saved = view.tokens.less(shown);
    text.push_str(&format!("\n({} of {} tools, {saved} tokens saved)", lines.len(), items.len()));
    own::result(&text, &meta(view, &found, shown))
}

/// What is said beside the text, for programs: the tools in the order of the lines, and the tokens.
fn meta(view: &View, found: &[Found], shown: Count) -> Value {
    let one = |found: &Found| {
        let name = &view.lists[0].items[found.place].key;
        let server = view.tools.get(name).map(|route| route.upstream.as_str());
        json!({"name": name, "server": server, "query": found.query, "score": (f64::from(found.score) * 1000.0).round() / 1000.0})
    };
    let tools: Vec<Value> = found.iter().map(one).collect();
    json!({"tutti/tools": tools, "tutti/tokens": tokens::told(view.family, shown, view.tokens)})
}

/// The upstreams of the view of which nothing is known yet.
fn silent(hub: &Hub, view: &View) -> Vec<String> {
    let all = hub.upstreams();
    let here = all.iter().filter(|upstream| view.upstreams.contains(&upstream.settings.name) && !upstream.is_known());
    here.map(|upstream| upstream.settings.name.clone()).collect()
}
