//! `tutti usage`: what was used of models, what it cost, and how budgets stand.

use crate::model;
use base::clock;
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Output, Style, Table, one_line};
use hubs::client::path_segment;
use hubs::{Command, Context, Failures};
use serde_json::Value;
use std::time::Duration;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// By what usage is told apart.
const GROUPS: [&str; 8] = ["key", "team", "model", "deployment", "provider", "run", "day", "hour"];

fn arguments() -> clap::Command {
    clap::Command::new("usage")
        .about("Tell what was used of models, what it cost, and how budgets stand")
        .arg(
            Arg::new("since")
                .long("since")
                .value_name("TIME")
                .default_value("7d")
                .help("From when on: a time before now, or seconds since 1970"),
        )
        .arg(Arg::new("until").long("until").value_name("TIME").help("Until when, written in the same way"))
        .arg(
            Arg::new("by")
                .long("by")
                .value_name("WHAT")
                .value_delimiter(',')
                .default_value("model")
                .value_parser(GROUPS)
                .help("By what it is told apart"),
        )
        .arg(
            Arg::new("budgets")
                .long("budgets")
                .action(ArgAction::SetTrue)
                .conflicts_with_all(["until", "by"])
                .help("Tell how budgets stand instead"),
        )
        .after_help("Examples:\n  tutti usage\n  tutti usage --since 24h --by key,hour\n  tutti usage --budgets")
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let budgets = matches.get_flag("budgets");
    let path = if budgets { "/api/v1/budgets".to_owned() } else { path(matches) };
    let said = context.block_on(async { Ok(model::hub(context).await?.get(&path).await?) })?;
    let output = &context.output;
    match budgets {
        _ if output.json => output.value(&said),
        true => print_budgets(output, &said),
        false => print_usage(output, &said, &named(matches)),
    }
    Ok(0)
}

fn named(matches: &ArgMatches) -> Vec<String> {
    matches.get_many::<String>("by").unwrap_or_default().cloned().collect()
}

fn path(matches: &ArgMatches) -> String {
    let mut path = format!("/api/v1/usage?by={}", named(matches).join(","));
    for name in ["since", "until"] {
        if let Some(value) = matches.get_one::<String>(name) {
            path.push_str(&format!("&{name}={}", path_segment(value)));
        }
    }
    path
}

fn print_usage(output: &Output, said: &Value, by: &[String]) {
    let rows: Vec<&Value> = said["usage"].as_array().into_iter().flatten().collect();
    if rows.is_empty() {
        return output.message("nothing was used");
    }
    table(&rows, by).print(output);
    let sum = rows.iter().filter_map(|row| row["cost"]["nano_dollars"].as_u64()).fold(0, u64::saturating_add);
    let requests = rows.iter().filter_map(|row| row["requests"].as_u64()).fold(0, u64::saturating_add);
    output.message(&format!("{requests} requests, {}", ::model::NanoDollars(sum)));
}

fn table(rows: &[&Value], by: &[String]) -> Table {
    let names: Vec<&str> = by.iter().map(String::as_str).collect();
    let numbers = ["requests", "failed", "input", "cached", "output", "cost"];
    let mut table = Table::new(&[names.as_slice(), &numbers].concat());
    for row in rows {
        let mut cells: Vec<(Style, String)> = names.iter().map(|name| (Style::Strong, cell(row, name))).collect();
        let tokens = &row["tokens"];
        let count = |value: &Value| value.as_u64().unwrap_or(0).to_string();
        cells.extend([
            (Style::Plain, count(&row["requests"])),
            (if row["failed"] == 0 { Style::Faint } else { Style::Warn }, count(&row["failed"])),
            (Style::Plain, count(&tokens["input"])),
            (Style::Plain, count(&tokens["cache_read"])),
            (Style::Plain, count(&tokens["output"])),
            (Style::Strong, money(&row["cost"])),
        ]);
        table.row(cells);
    }
    table
}

/// What a row is about.
fn cell(row: &Value, name: &str) -> String {
    let moment = row["starts_at"].as_u64().map(|seconds| clock::rfc3339(Duration::from_secs(seconds)));
    let text = match name {
        // `2026-11-20`, and for hours `2026-11-20T09`.
        "day" => moment.map(|text| text.chars().take(10).collect()),
        "hour" => moment.map(|text| text.chars().take(13).collect()),
        _ => row[name].as_str().map(|text| one_line(text, 100)),
    };
    text.filter(|text: &String| !text.is_empty()).unwrap_or_else(|| "-".to_owned())
}

fn print_budgets(output: &Output, said: &Value) {
    let all: Vec<&Value> = said["budgets"].as_array().into_iter().flatten().collect();
    if all.is_empty() {
        return output.message("there are no budgets; docs/guide/models.md tells how to set them");
    }
    let mut table = Table::new(&["budget", "limit", "period", "spent", "reserved", "left", "begins anew"]);
    for budget in all {
        let text = |key: &str| one_line(budget[key].as_str().unwrap_or("-"), 100);
        let empty = budget["left"]["nano_dollars"] == 0;
        let anew = budget["resets_at"].as_u64().map(|seconds| clock::rfc3339(Duration::from_secs(seconds)));
        table.row(vec![
            (Style::Strong, text("name")),
            (Style::Plain, money(&budget["limit"])),
            (Style::Plain, text("period")),
            (Style::Plain, money(&budget["spent"])),
            (Style::Faint, money(&budget["reserved"])),
            (if empty { Style::Bad } else { Style::Good }, money(&budget["left"])),
            (Style::Faint, anew.unwrap_or_else(|| "never".to_owned())),
        ]);
    }
    table.print(output);
}

fn money(amount: &Value) -> String {
    one_line(amount["text"].as_str().unwrap_or("-"), 40)
}

#[cfg(test)]
mod tests;
