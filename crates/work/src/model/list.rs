//! `tutti model list`: the names that can be asked for.

use super::PROVIDER;
use builtin::File;
use clap::ArgMatches;
use console::output::{Style, Table, one_line};
use hubs::client::HubClient;
use hubs::{Command, Context, Failures};
use serde_json::{Value, json};
use std::collections::HashSet;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("list")
        .about("List the names that can be asked for, and the deployments behind each")
        .after_help("Examples:\n  tutti model list\n  tutti model list --json")
}

fn run(context: &Context, _: &ArgMatches) -> Result<u8, Failures> {
    let (said, is_local) = context.block_on(async {
        match HubClient::running(context).await? {
            Some(hub) => Ok((Some(hub.get("/api/v1/models").await?), hub.is_local())),
            None => Ok((None, true)),
        }
    })?;
    let output = &context.output;
    // The files of this machine are none of a hub elsewhere.
    let files = if is_local { builtin::files(&builtin::folder(&context.environment.home())) } else { Vec::new() };
    let runs = said.is_some();
    let mut said = said.unwrap_or_else(|| json!({"models": [], "prices": null}));
    if output.json {
        said["files"] = files.iter().map(described).collect();
        output.value(&said);
        return Ok(0);
    }
    let models: Vec<&Value> = said["models"].as_array().into_iter().flatten().collect();
    let files = unlisted(&files, &models);
    if !runs {
        output.message("no hub runs for this configuration: these are the model files of this machine");
    }
    if models.is_empty() && files.is_empty() {
        let found = "`tutti model pull` fetches one, and `tutti model discover` finds those that run on this machine";
        output.message(&match runs {
            true => format!(
                "the hub has no models that may be asked for here: a key asks for those of its `models`; {found}"
            ),
            false => format!("there are no models; {found}"),
        });
        return Ok(0);
    }
    table(&models, &files).print(output);
    Ok(0)
}

fn described(file: &File) -> Value {
    json!({"name": file.name, "model": format!("{PROVIDER}{}", file.name), "bytes": file.bytes, "context": file.context})
}

/// The files that the hub does not list, because none runs or they came since.
fn unlisted<'a>(files: &'a [File], models: &[&Value]) -> Vec<&'a File> {
    let deployments = models.iter().flat_map(|model| model["deployments"].as_array().into_iter().flatten());
    let known: HashSet<&str> = deployments.filter_map(|deployment| deployment["name"].as_str()).collect();
    files.iter().filter(|file| !known.contains(format!("{PROVIDER}{}", file.name).as_str())).collect()
}

fn table(models: &[&Value], files: &[&File]) -> Table {
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
    for file in files {
        let none = || (Style::Plain, "-".to_owned());
        let context = file.context.map_or("-".to_owned(), |tokens| tokens.to_string());
        table.row(vec![
            (Style::Strong, file.name.clone()),
            (Style::Faint, "file".to_owned()),
            (Style::Plain, format!("{PROVIDER}{}", file.name)),
            (Style::Faint, "not listed".to_owned()),
            none(),
            (Style::Plain, context),
            none(),
            none(),
        ]);
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
