//! `tutti server add`: one more server.

mod api;

use super::entry::{self, Checked};
use super::file::{self, File};
use super::secrets::{self, Secrets};
use crate::command::{Command, Context, Failures, dot_env};
use base::config::{Entry, Node, Place, Value};
use base::{Code, Error, Result};
use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ArgMatches};
use clients::export;
use hubs::change::{self, Change, Consent};
use serde_json::json;
use std::path::Path;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

const EXAMPLES: &str = "  tutti server add time -- uvx mcp-server-time
  tutti server add github --env GITHUB_TOKEN -- npx -y @modelcontextprotocol/server-github
  tutti server add docs https://mcp.example.com/mcp --header 'Authorization=Bearer ${DOCS_TOKEN}'
  tutti server add chat wss://chat.example.com/mcp
  tutti server add local --transport unix /run/local/mcp.sock
  tutti server add shop --openapi https://shop.example/openapi.json --allow 'GET *' --allow addPet";

const SECRETS: &str = "

What looks like a secret goes into .env beside the configuration, which then names it as ${NAME}.
The program is started as it is written; no shell reads it.";

fn arguments() -> clap::Command {
    let repeated = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).action(ArgAction::Append).help(help)
    };
    clap::Command::new("add")
        .about("Add a server to the configuration")
        .override_usage("tutti server add [OPTIONS] NAME (URL | --openapi DOCUMENT | -- COMMAND [ARGUMENTS]...)")
        .arg(Arg::new("name").value_name("NAME").required(true).help("What the server is to be called"))
        .arg(Arg::new("address").value_name("URL").num_args(0..).help("The address of its MCP endpoint"))
        .arg(
            Arg::new("command")
                .value_name("COMMAND")
                .num_args(1..)
                .last(true)
                .conflicts_with("address")
                .help("The program that is the server, and its arguments"),
        )
        .arg(repeated("env", "NAME[=VALUE]", "A variable for the program; without a value, the one of this name here"))
        .arg(Arg::new("cwd").long("cwd").value_name("DIR").help("The folder that the program runs in"))
        .arg(
            Arg::new("transport")
                .long("transport")
                .value_name("TRANSPORT")
                .value_parser([
                    PossibleValue::new("http").help("streamable HTTP and nothing else"),
                    PossibleValue::new("sse").help("the HTTP transport of version 2024-11-05"),
                    PossibleValue::new("websocket").alias("ws").help("a WebSocket"),
                    PossibleValue::new("unix").help("a Unix socket; URL is its path"),
                ])
                .help("What carries the messages [default: found out]"),
        )
        .arg(repeated("header", "NAME=VALUE", "A header of every request to the address"))
        .args(api::options())
        .args(change::options())
        .after_help(file::consent_help(EXAMPLES) + SECRETS)
}

/// What was asked for.
struct Wanted {
    name: String,
    address: Vec<String>,
    command: Vec<String>,
    environment: Vec<String>,
    folder: Option<String>,
    headers: Vec<String>,
    transport: Option<String>,
    openapi: Option<String>,
    base_url: Option<String>,
    allow: Vec<String>,
}

impl Wanted {
    fn of(matches: &ArgMatches) -> Self {
        let one = |name: &str| matches.get_one::<String>(name).cloned();
        let many = |name: &str| matches.get_many::<String>(name).unwrap_or_default().cloned().collect();
        Self {
            name: one("name").unwrap_or_default(),
            address: many("address"),
            command: many("command"),
            environment: many("env"),
            folder: one("cwd"),
            headers: many("header"),
            transport: one("transport"),
            openapi: one("openapi"),
            base_url: one("base-url"),
            allow: many("allow"),
        }
    }
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let wanted = Wanted::of(matches);
    let file = File::find(context)?;
    let mut node = node(&wanted, &file, context)?;
    let mut secrets = Secrets::new(&context.environment, &file.dot_env);
    secrets.hide_in(&wanted.name, &mut node);
    let after = export::add_server(file.said(), &wanted.name, &node).map_err(|error| file.named(context, error))?;
    refuse_double(context, &wanted.name)?;
    let source = file::short(context, &file);
    let checked = entry::check(&file, &wanted.name, &node, &source, &secrets.added);
    if !checked.errors.is_empty() {
        return Err(checked.errors.iter().map(without_place).collect::<Vec<_>>().into());
    }
    let changes = changes(&file, after, &secrets.added)?;
    let notes = notes(context, &file, &checked);
    if !context.output.json {
        notes.iter().for_each(|note| context.output.message(&format!("note: {note}")));
    }
    let made = change::make(context, &changes, Consent::of(matches))?;
    report(context, &file, &wanted.name, &changes, made, &notes);
    Ok(if made || matches.get_flag("dry-run") { 0 } else { 1 })
}

/// The entry as it was asked for, secrets in clear.
fn node(wanted: &Wanted, file: &File, context: &Context) -> Result<Node> {
    if wanted.openapi.is_none() && (wanted.base_url.is_some() || !wanted.allow.is_empty()) {
        return Err(usage("--base-url and --allow are for an HTTP API", "name its document with --openapi"));
    }
    let entries = match (wanted.address.as_slice(), wanted.command.split_first()) {
        ([], None) if wanted.openapi.is_some() => {
            api::entries(wanted, wanted.openapi.as_deref().unwrap_or_default(), file, context)?
        }
        ([url], None) => address(wanted, url, file, context)?,
        ([], Some((program, arguments))) => command(wanted, program, arguments, file, context)?,
        ([_, _, ..], None) => {
            let next = format!(
                "write a program behind `--`: tutti server add {} -- {}",
                wanted.name,
                wanted.address.join(" ")
            );
            return Err(usage("more than one address is given", &next));
        }
        _ => {
            let next = format!("write `tutti server add {} URL` or `tutti server add {0} -- COMMAND`", wanted.name);
            return Err(usage("neither an address nor a command is given", &next));
        }
    };
    Ok(Node { place: Place::START, value: Value::Map(entries) })
}

/// The keys of a server at an address.
fn address(wanted: &Wanted, url: &String, file: &File, context: &Context) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut put = |key: &str, value: Value| entries.push(entry::entry(key, value));
    if !wanted.environment.is_empty() || wanted.folder.is_some() {
        return Err(usage("--env and --cwd are for a program, and this is an address", "use --header for it"));
    }
    let unix = wanted.transport.as_deref() == Some("unix");
    if !url.contains("://") && !url.contains("${") && !url.starts_with("unix:") && !unix {
        let next = format!("write a program behind `--`: tutti server add {} -- {url}", wanted.name);
        return Err(usage(&format!("`{url}` is no address"), &next));
    }
    put(
        "url",
        Value::Text(if unix { socket(url, file, context.environment.working_directory()) } else { url.clone() }),
    );
    if let Some(transport) = wanted.transport.as_deref().filter(|_| !unix) {
        put("transport", Value::Text(if transport == "ws" { "websocket" } else { transport }.to_owned()));
    }
    let headers = wanted.headers.iter().map(|text| header(text)).collect::<Result<Vec<_>>>()?;
    if !headers.is_empty() {
        put("headers", entry::texts(without_double("header", headers)?));
    }
    Ok(entries)
}

/// The keys of a server that is a program.
fn command(wanted: &Wanted, program: &str, arguments: &[String], file: &File, context: &Context) -> Result<Vec<Entry>> {
    let working_directory = context.environment.working_directory();
    let mut entries = Vec::new();
    let mut put = |key: &str, value: Value| entries.push(entry::entry(key, value));
    if !wanted.headers.is_empty() {
        return Err(usage("--header is for an address, and this is a program", "use --env for it"));
    }
    if wanted.transport.is_some() {
        return Err(usage("--transport is for an address, and this is a program", "leave it out"));
    }
    let is_path = Path::new(program).components().count() > 1;
    let program = if is_path { entry::relocated(program, file, working_directory) } else { program.to_owned() };
    put("command", Value::Text(program));
    if !arguments.is_empty() {
        put("args", entry::list(arguments.iter().cloned()));
    }
    let variables = wanted.environment.iter().map(|text| variable(text)).collect::<Result<Vec<_>>>()?;
    if !variables.is_empty() {
        put("env", entry::texts(without_double("variable", variables)?));
    }
    if let Some(folder) = &wanted.folder {
        put("cwd", Value::Text(entry::relocated(folder, file, working_directory)));
    }
    Ok(entries)
}

/// The address of a Unix socket: its path with `unix:` before it.
fn socket(path: &str, file: &File, working_directory: &Path) -> String {
    let path = path.strip_prefix("unix:").unwrap_or(path);
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = entry::relocated(path, file, working_directory);
    let slashes = if path.starts_with('/') { "//" } else { "" };
    format!("unix:{slashes}{path}")
}

/// `NAME=value`, or `NAME` for the variable of this name.
fn variable(text: &str) -> Result<(String, String)> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    if name.is_empty() || name.contains(['\0', ' ', '$']) || value.is_none() && !secrets::is_variable(name) {
        return Err(usage(
            &format!("`--env {}` names no variable", shown(text)),
            "write --env NAME=value or --env NAME",
        ));
    }
    Ok((name.to_owned(), value.map_or_else(|| format!("${{{name}}}"), str::to_owned)))
}

/// `Name=value`, or `Name: value` as other programs write it.
pub(super) fn header(text: &str) -> Result<(String, String)> {
    let parts = text.split_once(['=', ':']).map(|(name, value)| (name.trim(), value.trim()));
    match parts.filter(|(name, _)| !name.is_empty()) {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(usage(&format!("`--header {}` is no header", shown(text)), "write --header NAME=value")),
    }
}

/// What was typed, up to where a value may begin.
fn shown(text: &str) -> &str {
    text.split(['=', ':']).next().unwrap_or_default()
}

fn without_double(what: &str, pairs: Vec<(String, String)>) -> Result<Vec<(String, String)>> {
    for (index, (name, _)) in pairs.iter().enumerate() {
        if pairs[..index].iter().any(|(other, _)| other == name) {
            return Err(usage(&format!("the {what} `{name}` is given twice"), "keep the one that is meant"));
        }
    }
    Ok(pairs)
}

fn usage(message: &str, next: &str) -> Error {
    Error::new(Code::Usage, message, next)
}

/// The place of an entry that is not written yet tells nothing.
pub(super) fn without_place(error: &Error) -> Error {
    let plain = Error::new(error.code(), error.message(), error.next());
    match error.detail() {
        Some(detail) => plain.with_detail(detail),
        None => plain,
    }
}

/// A server of this name may stand in another file that is read too; ours would silently take its place.
fn refuse_double(context: &Context, name: &str) -> Result<()> {
    let Ok(loaded) = context.load() else { return Ok(()) };
    match loaded.servers.iter().find(|(other, _, _)| other == name) {
        Some((_, _, source)) => {
            let message = format!("there is a server `{name}` already, in {source}");
            Err(Error::new(Code::ServerExists, message, "choose another name, or remove that one first"))
        }
        None => Ok(()),
    }
}

fn changes(file: &File, after: String, added: &[(String, String)]) -> Result<Vec<Change>> {
    // Secrets first: a hub that takes over the configuration at once must find them.
    let mut changes: Vec<Change> = dot_env::adding(file.folder(), added)?.into_iter().collect();
    if !changes.is_empty() {
        changes.extend(dot_env::ignoring(file.folder())?);
    }
    changes.push(file.change(after));
    Ok(changes)
}

fn notes(context: &Context, file: &File, checked: &Checked) -> Vec<String> {
    let mut notes = checked.notes(&file.environment);
    let first = file.text.is_none() && context.load().is_ok_and(|loaded| loaded.servers.is_empty());
    if first {
        notes
            .push("without a configuration this folder was served; now only what the configuration says is".to_owned());
    }
    notes
}

fn report(context: &Context, file: &File, name: &str, changes: &[Change], made: bool, notes: &[String]) {
    let output = &context.output;
    if output.json {
        let files = change::to_json(changes);
        return output.value(&json!({"name": name, "written": made, "files": files, "notes": notes}));
    }
    if made {
        change::tell_written(context, changes);
        file::tell_outcome(context, file);
        output.message(&format!("try it: tutti server test {name}"));
    }
}

#[cfg(test)]
mod tests;
