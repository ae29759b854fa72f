//! `tutti model discover`: servers of models on this machine, and the lines of the configuration that would add them.

use base::{Error, Result};
use clap::{Arg, ArgMatches};
use console::output::{Output, Style, one_line};
use http::{HeaderMap, Method as Verb};
use hubs::client::address::Address;
use hubs::client::exchange::Endpoint;
use hubs::{Command, Context, Failures};
use serde_json::{Value, json};
use std::time::Duration;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

/// How long a server may take that is looked for where it usually is. It is on this machine, and mostly there is none.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long one may take at a port that somebody names.
const LONGER: Duration = Duration::from_secs(2);

/// The most bytes of an answer that are read.
const LARGEST: usize = 1 << 20;

/// The most models of a server that are told of.
const MOST: usize = 50;

/// A place where servers usually are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// What the provider would be called if the server does not say what it is.
    name: &'static str,
    port: u16,
    patience: Duration,
}

/// Where the servers listen unless they are told otherwise.
const USUAL: [Place; 4] = [
    Place { name: OLLAMA, port: 11_434, patience: PATIENCE },
    Place { name: LLAMA_CPP, port: 8_080, patience: PATIENCE },
    Place { name: "lm-studio", port: 1_234, patience: PATIENCE },
    Place { name: VLLM, port: 8_000, patience: PATIENCE },
];

const OLLAMA: &str = "ollama";
const LLAMA_CPP: &str = "llama-cpp";
const VLLM: &str = "vllm";

/// The `kind` of all providers but Ollama.
const OPENAI: &str = "openai-compatible";

/// A server that was found.
struct Found {
    name: String,
    kind: &'static str,
    url: String,
    models: Vec<String>,
}

fn arguments() -> clap::Command {
    clap::Command::new("discover")
        .about("Find servers of models on this machine, and print the configuration for them")
        .arg(
            Arg::new("port")
                .long("port")
                .value_name("PORT")
                .num_args(1)
                .action(clap::ArgAction::Append)
                .value_parser(clap::value_parser!(u16).range(1..))
                .help("Look at this port instead of the usual ones"),
        )
        .after_help(
            "Example:\n  tutti model discover\n\n\
             It looks on this machine alone, where Ollama (11434), llama.cpp (8080), LM Studio (1234) and vLLM (8000) \
             usually are, and changes nothing.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let ports: Vec<u16> = matches.get_many::<u16>("port").unwrap_or_default().copied().collect();
    let found = context.block_on(async { Ok(find(&places(&ports)).await) })?;
    let output = &context.output;
    if output.json {
        let servers =
            found.iter().map(|one| json!({"name": one.name, "kind": one.kind, "url": one.url, "models": one.models}));
        output.value(&json!({"servers": servers.collect::<Vec<_>>(), "configuration": configuration(&found)}));
    } else if found.is_empty() {
        output.message("no server of models answers where they usually are");
    } else {
        tell(output, &found);
    }
    Ok(0)
}

fn tell(output: &Output, found: &[Found]) {
    for one in found {
        let name = output.paint_message(Style::Good, &one.name);
        output.message(&format!("{name} at {} with {} models", one.url, one.models.len()));
    }
    output.message(&output.paint_message(Style::Faint, "\nput this into tutti.yaml:\n"));
    output.line(configuration(found).trim_end());
}

/// The places to look at.
fn places(ports: &[u16]) -> Vec<Place> {
    if ports.is_empty() {
        return USUAL.to_vec();
    }
    ports.iter().map(|port| Place { name: "local", port: *port, patience: LONGER }).collect()
}

/// A line about the servers that answer where they usually are, but for those at these ports; nothing where there is none.
pub async fn hint(configured: &[u16]) -> Option<String> {
    let places: Vec<Place> = USUAL.into_iter().filter(|place| !configured.contains(&place.port)).collect();
    said(&find(&places).await)
}

fn said(found: &[Found]) -> Option<String> {
    let count = |one: &Found| match one.models.len() {
        1 => format!("{} runs here with 1 model", one.name),
        more => format!("{} runs here with {more} models", one.name),
    };
    let all: Vec<String> = found.iter().filter(|one| !one.models.is_empty()).map(count).collect();
    (!all.is_empty()).then(|| format!("{}: `tutti model discover` tells how to add it", all.join(", ")))
}

async fn find(places: &[Place]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for place in places {
        let Some(mut one) = look(place).await else { continue };
        let same = found.iter().filter(|other| other.name.starts_with(&one.name)).count();
        if same > 0 {
            one.name = format!("{}-{}", one.name, same + 1);
        }
        found.push(one);
    }
    found
}

/// The server at a place. What it is, it says itself: servers of several kinds choose the same ports, and that of llama.cpp
/// lists its models where Ollama does too.
async fn look(place: &Place) -> Option<Found> {
    let at = |name: &str, kind, base: &str, models| {
        let url = format!("http://127.0.0.1:{}{base}", place.port);
        Found { name: name.to_owned(), kind, url, models }
    };
    if is_ollama(&answer(place, "/api/version").await) {
        let models = models(&answer(place, "/api/tags").await, "models", "name")?;
        return Some(at(OLLAMA, OLLAMA, "", models));
    }
    let list = answer(place, "/v1/models").await;
    let models = models(&list, "data", "id")?;
    Some(at(maker(&list).unwrap_or(place.name), OPENAI, "/v1", models))
}

/// Whether this is what Ollama says of its version.
fn is_ollama(said: &Value) -> bool {
    said["version"].is_string()
}

/// What a server is by what it says of its models, where that is sure.
fn maker(list: &Value) -> Option<&'static str> {
    match list["data"][0]["owned_by"].as_str()? {
        "llamacpp" => Some(LLAMA_CPP),
        "vllm" => Some(VLLM),
        _ => None,
    }
}

/// What a server answers there, null where that is no JSON, an error, or comes too late.
async fn answer(place: &Place, path: &str) -> Value {
    tokio::time::timeout(place.patience, ask(place.port, path)).await.ok().and_then(Result::ok).unwrap_or_default()
}

async fn ask(port: u16, path: &str) -> Result<Value> {
    let endpoint = Endpoint::new(Address::parse(&format!("http://127.0.0.1:{port}"))?, None)?;
    let answer = Endpoint::send(&endpoint, Verb::GET, path, HeaderMap::new(), String::new()).await?;
    let text = if answer.status.is_success() { answer.text_within(LARGEST).await? } else { String::new() };
    base::json::from_text(&text).map_err(|_| Error::internal("something else answers there"))
}

/// The models of a list: its member `all`, where each is named by `key`. Nothing where there is no such list.
fn models(list: &Value, all: &str, key: &str) -> Option<Vec<String>> {
    let names = list[all].as_array()?.iter().filter_map(|entry| entry[key].as_str());
    Some(names.take(MOST).map(|name| one_line(name, 200)).collect())
}

/// The lines of the configuration for what was found.
fn configuration(found: &[Found]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let mut text = "models:\n  providers:\n".to_owned();
    for one in found {
        text.push_str(&format!("    {}:\n      kind: {}\n      url: {}\n", one.name, one.kind, one.url));
        // What stands in quotes of JSON is YAML too.
        let models: Vec<String> = one.models.iter().map(|name| Value::from(name.as_str()).to_string()).collect();
        text.push_str(&format!("      models: [{}]\n", models.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests;
