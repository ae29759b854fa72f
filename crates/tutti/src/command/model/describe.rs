//! `tutti model describe`: what is known of a model, and who says so.

use super::{name, named};
use crate::client::{coded, path_segment};
use crate::command::{Command, Context, Failures};
use crate::output::{Output, Style, Table, one_line};
use clap::{Arg, ArgAction, ArgMatches};
use serde_json::Value;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

/// The longest value that is printed, in characters: templates of conversations have thousands.
const LONGEST: usize = 80;

fn arguments() -> clap::Command {
    clap::Command::new("describe")
        .about("Tell what is known of a model, who says so, and how its deployments are")
        .arg(name())
        .arg(
            Arg::new("probe")
                .long("probe")
                .action(ArgAction::SetTrue)
                .help("Ask the servers of its deployments what they say of it"),
        )
        .after_help(
            "Examples:\n  tutti model describe default\n  tutti model describe local/qwen3 --probe\n\n\
             Each value has its source: table (the table of models that the binary holds), config (the configuration), \
             probe (its server says so).",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let probe = if matches.get_flag("probe") { "?probe=true" } else { "" };
    let path = format!("/api/v1/models/{}{probe}", path_segment(&named(matches)));
    let said = context.block_on(async { Ok(super::hub(context).await?.get(&path).await?) })?;
    let output = &context.output;
    if output.json {
        output.value(&said);
    } else {
        print(output, &said);
    }
    Ok(0)
}

fn print(output: &Output, said: &Value) {
    let text = |value: &Value| one_line(value.as_str().unwrap_or("-"), 100);
    let strategy = said["strategy"].as_str().map(|strategy| format!(", {}", one_line(strategy, 40)));
    let kind = format!("({}{})", text(&said["kind"]), strategy.unwrap_or_default());
    output.line(&format!(
        "{} {}",
        output.paint(Style::Strong, &text(&said["name"])),
        output.paint(Style::Faint, &kind)
    ));
    for deployment in said["deployments"].as_array().into_iter().flatten() {
        let place = if deployment["local"] == true { ", on one's own machines" } else { "" };
        let about = format!("({}, weight {}{place})", text(&deployment["kind"]), deployment["weight"]);
        let name = output.paint(Style::Strong, &text(&deployment["name"]));
        output.line(&format!("\n{name} {}", output.paint(Style::Faint, &about)));
        rows(deployment).lines(output).iter().for_each(|line| output.line(&format!("  {}", line.trim_end())));
        if let Some(error) = coded(&deployment["unprobed"]) {
            let code = output.paint(Style::Bad, error.code().id());
            output.line(&format!("  {code} {}", one_line(error.message(), 400)));
            output.line(&format!("  {} {}", output.paint(Style::Strong, "next:"), one_line(error.next(), 400)));
        }
    }
}

/// What was seen of a deployment, then what is known of it.
fn rows(deployment: &Value) -> Table {
    let mut table = Table::default();
    let mut row = |name: &str, value: String, source: &str| {
        table.row(vec![(Style::Plain, name.to_owned()), (Style::Strong, value), (Style::Faint, source.to_owned())]);
    };
    let breaker = &deployment["breaker"];
    row("breaker", format!("{}, share {}", plain(&breaker["state"]), breaker["share"]), "seen");
    let seen = [
        ("paused for", &breaker["paused_for"], " s"),
        ("begins after", &deployment["latency"], " s"),
        ("speed", &deployment["tokens_per_second"], " tokens/s"),
        ("cache hits", &deployment["cache_hit_rate"], ""),
        ("in flight", &deployment["in_flight"], ""),
    ];
    for (name, value, unit) in seen.into_iter().filter(|(_, value, _)| !value.is_null()) {
        row(name, format!("{value}{unit}"), "seen");
    }
    for (section, members) in deployment["context"].as_object().into_iter().flatten() {
        for (name, known) in members.as_object().into_iter().flatten() {
            let source = known["source"].as_str().unwrap_or_default();
            row(&format!("{section}.{name}"), plain(&known["value"]), source);
        }
    }
    row("prices", plain(&deployment["price_version"]), "");
    table
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(text, LONGEST),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name} {}", plain(value)));
            one_line(&members.collect::<Vec<_>>().join(", "), 200)
        }
        other => one_line(&other.to_string(), LONGEST),
    }
}
