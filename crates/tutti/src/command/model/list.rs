//! `tutti model list`: the names that can be asked for.

use crate::command::{Command, Context, Failures};
use crate::output::{Style, Table, one_line};
use clap::ArgMatches;
use serde_json::Value;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("list")
        .about("List the names that can be asked for, and the deployments behind each")
        .after_help("Examples:\n  tutti model list\n  tutti model list --json")
}

fn run(context: &Context, _: &ArgMatches) -> Result<u8, Failures> {
    let said = context.block_on(async { Ok(super::hub(context).await?.get("/api/v1/models").await?) })?;
    let output = &context.output;
    if output.json {
        output.value(&said);
        return Ok(0);
    }
    let models: Vec<&Value> = said["models"].as_array().into_iter().flatten().collect();
    if models.is_empty() {
        output.message("there are no models; `tutti model discover` finds those that run on this machine");
        return Ok(0);
    }
    table(&models).print(output);
    Ok(0)
}

fn table(models: &[&Value]) -> Table {
    let mut table = Table::new(&["name", "kind", "deployment", "state", "begins after", "context", "input", "output"]);
    for model in models {
        let text = |key: &str| one_line(model[key].as_str().unwrap_or("-"), 100);
        let mut first = (text("name"), text("strategy"));
        if first.1 == "-" {
            first.1 = text("kind");
        }
        for deployment in model["deployments"].as_array().into_iter().flatten() {
            let (name, kind) = std::mem::take(&mut first);
            table.row([vec![(Style::Strong, name), (Style::Faint, kind)], cells(deployment)].concat());
        }
    }
    table
}

fn cells(deployment: &Value) -> Vec<(Style, String)> {
    let breaker = &deployment["breaker"];
    let state = match breaker["state"].as_str() {
        _ if !breaker["paused_for"].is_null() => "paused",
        Some("closed") => "ready",
        Some("limited") => "limited",
        _ => "held back",
    };
    let style = match state {
        "ready" => Style::Good,
        "held back" => Style::Bad,
        _ => Style::Warn,
    };
    let context = &deployment["context"];
    let limit = ["context", "max_input"].iter().find_map(|key| context["limits"][*key]["value"].as_u64());
    let price = |key: &str| match context["cost"]["price"]["value"][key].as_str() {
        Some(price) => format!("${}", one_line(price, 20)),
        None => "-".to_owned(),
    };
    vec![
        (Style::Plain, one_line(deployment["name"].as_str().unwrap_or("-"), 100)),
        (style, state.to_owned()),
        (Style::Plain, deployment["latency"].as_f64().map_or("-".to_owned(), |seconds| format!("{seconds} s"))),
        (Style::Plain, limit.map_or("-".to_owned(), |tokens| tokens.to_string())),
        (Style::Plain, price("input")),
        (Style::Plain, price("output")),
    ]
}

#[cfg(test)]
mod tests;
