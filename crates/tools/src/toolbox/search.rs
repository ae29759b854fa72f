//! `search_tools`: tools by what they do, in one line each.

use super::wanted::{OF_TOOL, Wanted};
use crate::discovery::{Allowed, Found};
use crate::hub::Hub;
use crate::mode::Shown;
use crate::own::{self, Own, OwnCall, OwnTool, Work};
use crate::view::{Route, View};
use base::{Result, clock};
use context::signature;
use context::tokens::{self, Count};
use mcp::raw;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use telemetry::economy::Means;

pub(super) struct SearchTools;

const NAME: &str = "search_tools";

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
            r#"{"type":"object","properties":{"queries":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":8,"description":"What is to be done, one entry for each step"},"servers":{"type":"array","items":{"type":"string"},"description":"Only tools of these"},"risk":{"type":"array","items":{"enum":["read_only","not_destructive","closed_world"]},"description":"Only tools that say so of themselves"},"capabilities":{"type":"array","items":{"enum":["structured","task","page"]}},"limit":{"type":"integer","minimum":1,"maximum":20},"tokens":{"type":"integer","minimum":1,"description":"Of at most so many tokens"}},"required":["queries"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":false}}"#
        )
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        let wanted = Wanted::read(&OF_TOOL, call.arguments()?, &call.view)?;
        let (hub, view, caller) = (hub.clone(), call.view, call.caller);
        Ok(Work::Own(Own::new(&caller, async move {
            let found = hub.find(&view, &wanted).await;
            Ok(told(&hub, &view, &wanted, found))
        })))
    }
}

impl Hub {
    /// The tools of `view` that fit best.
    pub(crate) async fn find(&self, view: &View, wanted: &Wanted) -> Vec<Found> {
        if wanted.queries.is_empty() {
            return Vec::new();
        }
        let began = clock::now();
        self.discovery().settle(PATIENCE).await;
        let queries = self.discovery().read(&wanted.queries).await;
        let items = &view.lists[0].items;
        let allows = |route: &Route, place: usize| wanted.allows(self, route, &items[place].json);
        let allowed = wanted.is_narrow().then_some(&allows as Allowed<'_>);
        let found = self.discovery().search(view, &queries, allowed, wanted.limit);
        self.telemetry().economy().searched(clock::now().saturating_duration_since(began), !found.is_empty());
        found
    }
}

/// The result of a search.
fn told(hub: &Hub, view: &Arc<View>, wanted: &Wanted, found: Vec<Found>) -> String {
    let items = &view.lists[0].items;
    let line = |found: &Found| signature::line(&items[found.place].key, &items[found.place].json);
    let all: Vec<(Found, String)> = found.into_iter().map(|found| (found, line(&found))).collect();
    // With the end of each line.
    let fits = wanted.fitting(all.iter().map(|(_, line)| view.family.count(line).tokens + 1));
    let count = all.len();
    let shown: Vec<(Found, String)> = all.into_iter().zip(fits).filter_map(|(one, fits)| fits.then_some(one)).collect();
    let lines: Vec<&str> = shown.iter().map(|(_, line)| line.as_str()).collect();
    let mut text = lines.join("\n");
    match (lines.len(), count) {
        (0, 0) => text.push_str("No tool fits. Say it in other words, or without `servers` and `risk`."),
        (0, _) => text.push_str("The tools that fit have longer lines. Ask for more `tokens`."),
        _ => {}
    }
    let silent = silent(hub, view);
    if !silent.is_empty() {
        text.push_str(&format!("\nNot searched, as they have not told their tools yet: {}", silent.join(", ")));
    }
    let seen = view.family.count(&text);
    let saved = view.tokens.less(seen);
    hub.telemetry().economy().saved(Means::Discovery).add(saved.tokens as u64);
    let more = if lines.len() < count { format!(", {} more found", count - lines.len()) } else { String::new() };
    text.push_str(&format!("\n({} of {} tools{more}, {saved} tokens saved)", lines.len(), items.len()));
    let found: Vec<Found> = shown.iter().map(|(found, _)| *found).collect();
    own::result(&text, &meta(view, &found, seen))
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
