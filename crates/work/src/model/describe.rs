//! `tutti model describe`: what is known of a model, and who says so.

use super::{name, named};
use base::{Code, Error, disk};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Output, Style, Table, one_line};
use hubs::client::{HubClient, coded, path_segment};
use hubs::{Command, Context, Failures};
use model::gguf;
use serde_json::{Value, json};
use std::path::Path;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

/// The longest value that is printed, in characters: templates of conversations have thousands.
const LONGEST: usize = 80;

/// How the names of model files end.
const ENDING: &str = ".gguf";

/// How the paths of files begin.
const BEGINNINGS: [&str; 3] = ["./", "../", "/"];

/// The most bytes of a header: those with vocabularies of a quarter of a million words have about ten million.
const LARGEST: u64 = 64 << 20;

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
             Each value has its source: built_in (the table of models that the binary holds), refreshed (a newer one), \
             config (the configuration), probe (its server says so), file (the header of the model's file).\n\n\
             A path such as ./NAME.gguf is a file of this machine, of which the header is read:\n  \
             tutti model describe ./qwen3-8b-q4_k_m.gguf\n\
             Of builtin/NAME the header of its file is told too, also where no hub runs.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let model = named(matches);
    // Servers of models name theirs after files too, so that a file is told by its path.
    if model.ends_with(ENDING) && BEGINNINGS.iter().any(|begin| model.starts_with(begin)) {
        return file(context, &model);
    }
    let probe = if matches.get_flag("probe") { "?probe=true" } else { "" };
    let path = format!("/api/v1/models/{}{probe}", path_segment(&model));
    if let Some(file) = model.strip_prefix(super::PROVIDER)
        && context.url.is_none()
    {
        return built_in(context, &path, &model, file);
    }
    let said = context.block_on(async { Ok(super::hub(context).await?.get(&path).await?) })?;
    let output = &context.output;
    if output.json {
        output.value(&said);
    } else {
        print(output, &said);
    }
    Ok(0)
}

/// Tells what the hub says of a model that Tutti runs itself, if one runs that knows it, and what the header of its file says.
fn built_in(context: &Context, path: &str, model: &str, file: &str) -> Result<u8, Failures> {
    let folder = builtin::folder(&context.environment.home());
    let begun = builtin::beginning(&folder, file, LARGEST)?;
    let said = context.block_on(async {
        match HubClient::running(context).await? {
            // One that came since the hub was started is known by its file alone.
            Some(hub) => Ok(hub.get(path).await.ok()),
            None => Ok(None),
        }
    })?;
    let output = &context.output;
    match said {
        Some(said) if output.json => {
            output.value(&said);
            Ok(0)
        }
        Some(said) => {
            print(output, &said);
            output.line("");
            header(context, model, &folder.join(format!("{file}.gguf")), begun)
        }
        None => header(context, model, &folder.join(format!("{file}.gguf")), begun),
    }
}

/// Tells what the header of a model's file says. No hub need run.
fn file(context: &Context, name: &str) -> Result<u8, Failures> {
    let path = context.environment.working_directory().join(name);
    let begun = disk::read_beginning(&path, LARGEST)?;
    header(context, name, &path, begun)
}

/// Tells what the first bytes of the file at `path` say, of which the size is known too.
fn header(context: &Context, name: &str, path: &Path, (bytes, size): (Vec<u8>, u64)) -> Result<u8, Failures> {
    let header = gguf::read(&bytes).map_err(|fault| {
        let next = "name a model's file of llama.cpp (GGUF, version 2 or 3), or a model of the hub";
        Error::new(Code::ModelFile, format!("{} {fault}", path.display()), next)
    })?;
    let known = model::Context::from_gguf(&header).with_file_size(size).to_json();
    let output = &context.output;
    if output.json {
        output.value(&json!({"name": name, "complete": header.is_complete, "context": known}));
        return Ok(0);
    }
    output.line(&output.paint(Style::Strong, &one_line(name, 200)));
    let mut table = Table::default();
    values(&known, |name, value, source| {
        table.row(vec![(Style::Plain, name), (Style::Strong, value), (Style::Faint, source)]);
    });
    table.lines(output).iter().for_each(|line| output.line(&format!("  {}", line.trim_end())));
    if !header.is_complete {
        output.message("note: the header goes on beyond what was read, and may say more");
    }
    Ok(0)
}

/// Each value that is known, with its name and its source.
fn values(known: &Value, mut row: impl FnMut(String, String, String)) {
    for (section, members) in known.as_object().into_iter().flatten() {
        for (name, known) in members.as_object().into_iter().flatten() {
            let source = known["source"].as_str().unwrap_or_default();
            row(format!("{section}.{name}"), plain(&known["value"]), source.to_owned());
        }
    }
}

fn print(output: &Output, said: &Value) {
    let text = |value: &Value| one_line(value.as_str().unwrap_or("-"), 100);
    let strategy = said["strategy"].as_str().map(|strategy| format!(", {}", one_line(strategy, 40)));
    let fallback = said["fallback"].as_str().map(|route| format!(", {} takes over", one_line(route, 100)));
    let kind = format!("({}{}{})", text(&said["kind"]), strategy.unwrap_or_default(), fallback.unwrap_or_default());
    output.line(&format!(
        "{} {}",
        output.paint(Style::Strong, &text(&said["name"])),
        output.paint(Style::Faint, &kind)
    ));
    learned(&said["learned"]).iter().for_each(|line| output.line(line));
    for deployment in said["deployments"].as_array().into_iter().flatten() {
        let place = if deployment["local"] == true { ", on one's own machines" } else { "" };
        let about = format!("({}, weight {}{place})", text(&deployment["kind"]), deployment["weight"]);
        let name = output.paint(Style::Strong, &text(&deployment["name"]));
        output.line(&format!("\n{name} {}", output.paint(Style::Faint, &about)));
        rows(deployment).lines(output).iter().for_each(|line| output.line(&format!("  {}", line.trim_end())));
        let faults = [coded(&deployment["probe"]["failure"]), coded(&deployment["unprobed"])];
        for error in faults.into_iter().flatten() {
            let code = output.paint(Style::Bad, error.code().id());
            output.line(&format!("  {code} {}", one_line(error.message(), 400)));
            output.line(&format!("  {} {}", output.paint(Style::Strong, "next:"), one_line(error.next(), 400)));
        }
    }
}

/// What a route has learned: for each class of requests what its deployments are worth.
fn learned(learned: &Value) -> Vec<String> {
    if learned.is_null() {
        return Vec::new();
    }
    let number = |name: &str| learned[name].as_u64().unwrap_or_default();
    let mut lines = vec![if learned["decides"] == true {
        format!("learned: decided {} requests, {} of them elsewhere to learn", number("decided"), number("explored"))
    } else {
        format!("learned: only watches, and agreed in {} of {} requests", number("agreed"), number("decided"))
    }];
    for seen in learned["seen"].as_array().into_iter().flatten() {
        let (class, deployment) = (plain(&seen["class"]), plain(&seen["deployment"]));
        lines.push(format!("  {class:<14} {deployment} is worth {} by {} requests", seen["worth"], seen["requests"]));
    }
    lines
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
    for limit in deployment["limits"].as_array().into_iter().flatten() {
        row(&format!("limit of {}", plain(&limit["of"])), limited(limit), "config");
    }
    values(&deployment["context"], |name, value, source| row(&name, value, &source));
    row("prices", plain(&deployment["price_version"]), "");
    table
}

/// How much may be asked, and how much is.
fn limited(limit: &Value) -> String {
    let mut parts = Vec::new();
    if let Some(running) = limit["concurrency"].as_u64() {
        parts.push(format!("{running} at once"));
    }
    for (name, unit) in [("rate", "requests"), ("tokens", "tokens")] {
        let rate = &limit[name];
        let said = rate["count"].as_u64().zip(rate["seconds"].as_f64());
        parts.extend(said.map(|(count, seconds)| format!("{count} {unit} in {seconds} s")));
    }
    parts.push(format!("{} under way", limit["running"]));
    parts.extend(limit["waiting"].as_u64().filter(|waiting| *waiting > 0).map(|waiting| format!("{waiting} waiting")));
    parts.extend((limit["full"] == true).then(|| "full".to_owned()));
    parts.join(", ")
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

#[cfg(test)]
mod tests;
