//! `tutti tool search`.

use super::find;
use base::{Code, Error, Result};
use console::output::clean;
use hubs::client::{HubClient, Wanted, unknown_server};
use hubs::{Context, Failures};
use serde_json::{Map, Value, json};
use tools::mode::Mode;

/// What is looked for.
pub(super) struct Order {
    /// In words.
    pub(super) query: String,
    /// The only server whose tools may be found.
    pub(super) server: Option<String>,
    /// How many tools, as it was typed.
    pub(super) limit: Option<String>,
    /// Among those of this view.
    pub(super) view: Option<String>,
}

/// Runs the command.
pub(super) fn run(context: &Context, order: &Order) -> Result<u8, Failures> {
    let arguments = arguments(order)?;
    let wanted = Wanted { server: order.server.clone(), view: order.view.clone(), mode: Mode::Search, runs: None };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let servers = find::servers(client, client.is_local()).await?;
        if let Some(name) = order.server.as_ref().filter(|name| !servers.contains(name)) {
            return Err(unknown_server(name, servers.iter().map(String::as_str)).into());
        }
        let result = client.call("search_tools", &arguments, &mut |_, _, _| {}).await?;
        let text = result["content"][0]["text"].as_str().unwrap_or_default();
        let tools = tools(text, &result["_meta"]["tutti/tools"]);
        if context.output.json {
            let tokens = &result["_meta"]["tutti/tokens"];
            context.output.value(&json!({"count": tools.len(), "tools": tools, "tokens": tokens}));
            return Ok(0);
        }
        for tool in &tools {
            context.output.line(&clean(tool["signature"].as_str().unwrap_or_default()));
        }
        // What is said besides the tools is no data.
        text.lines().skip(tools.len()).for_each(|line| context.output.message(&clean(line)));
        Ok(0)
    }))
}

fn arguments(order: &Order) -> Result<Map<String, Value>> {
    let mut arguments = Map::new();
    arguments.insert("queries".to_owned(), json!([order.query]));
    if let Some(server) = &order.server {
        arguments.insert("servers".to_owned(), json!([server]));
    }
    if let Some(limit) = &order.limit {
        let number: Option<u8> = limit.parse().ok().filter(|number| (1..=20).contains(number));
        let number = number.ok_or_else(|| {
            let message = format!("`{}` is no number of tools", console::output::one_line(limit, 40));
            Error::new(Code::Usage, message, "write a whole number from 1 to 20")
        })?;
        arguments.insert("limit".to_owned(), json!(number));
    }
    Ok(arguments)
}

/// The tools that were found, each with its line of the text.
fn tools(text: &str, found: &Value) -> Vec<Value> {
    let found = found.as_array().into_iter().flatten();
    let with_line = |(tool, line): (&Value, &str)| json!({"name": tool["name"], "server": tool["server"], "signature": line, "score": tool["score"]});
    found.zip(text.lines()).map(with_line).collect()
}
