//! `tutti server import`: the servers of other clients.

mod places;
mod registry;

use super::add;
use super::entry::{self, Checked};
use super::file::{self, File};
use super::secrets::Secrets;
use crate::command::{Command, Context, Failures, dot_env};
use base::config::{Node, nearest, yaml};
use base::{Code, Error, Result, disk};
use clap::{Arg, ArgAction, ArgMatches};
use clients::{export, import};
use hubs::change::{self, Change, Consent};
use serde_json::json;
use std::path::PathBuf;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

/// The largest file of a client that is read, in bytes: some keep more than their configuration in it.
const LIMIT: u64 = 16 << 20;

/// The most servers that are taken over at once. Each is checked against the whole configuration as it is by then, so that
/// the work grows with the square of their number.
const MOST: usize = 1000;

const EXAMPLES: &str = "Examples:
  tutti server import --from claude-desktop
  tutti server import ~/.cursor/mcp.json --dry-run
  tutti server import mcp.json --only github --only files
  tutti server import --registry https://registry.modelcontextprotocol.io com.example/weather@1.0.0

Names that the configuration has already are passed over; the exit code is then 9.
What looks like a secret goes into .env beside the configuration, which then names it as ${NAME}.";

fn arguments() -> clap::Command {
    clap::Command::new("import")
        .about("Add the servers of another client, or of a registry, to the configuration")
        .override_usage("tutti server import [OPTIONS] (FILE... | --from CLIENT | --registry URL [NAME[@VERSION]...])")
        .arg(
            Arg::new("files")
                .value_name("FILE")
                .num_args(0..)
                .required_unless_present_any(["from", "registry"])
                .value_parser(clap::value_parser!(PathBuf))
                .help("Files in which a client keeps its MCP servers, or a server.json, also at an https:// address"),
        )
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("CLIENT")
                .action(ArgAction::Append)
                .value_parser(places::names())
                .help("A client whose files are looked for where it keeps them"),
        )
        .arg(
            Arg::new("only")
                .long("only")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Only the server of this name; may be given more than once"),
        )
        .args(registry::options())
        .arg(change::dry_run())
        .after_help(EXAMPLES)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let files: Vec<PathBuf> = matches.get_many("files").unwrap_or_default().cloned().collect();
    let clients: Vec<String> = matches.get_many("from").unwrap_or_default().cloned().collect();
    let only: Vec<String> = matches.get_many("only").unwrap_or_default().cloned().collect();
    let file = File::find(context)?;
    let mut found = match matches.get_one::<String>("registry") {
        Some(url) => vec![registry::read(context, &file, url, &files, matches)?],
        None => read(context, &file, &files, matches)?,
    };
    for client in &clients {
        found.extend(places::read(context, client)?);
    }
    let found = selected(found, &only)?;
    let count = found.iter().map(|found| found.servers.len()).sum();
    if count > MOST {
        return Err(too_many(count).into());
    }
    let mut plan = Plan::default();
    plan.add_all(context, &file, found)?;
    let mut changes: Vec<Change> = dot_env::adding(file.folder(), &plan.variables)?.into_iter().collect();
    if !changes.is_empty() {
        changes.extend(dot_env::ignoring(file.folder())?);
    }
    changes.push(file.change(plan.text.clone()));
    if plan.added.is_empty() {
        changes.clear();
    }
    report(context, &file, &plan, &changes, Consent::unless_dry(matches))?;
    Ok(if plan.skipped.is_empty() { 0 } else { Code::ServersFailed.exit() })
}

fn too_many(count: usize) -> Error {
    let message = format!("there are {count} servers to take over, and at most {MOST} are taken over at once");
    Error::new(
        Code::ConfigTooLarge,
        message,
        "choose with --only, or by names or --search of a registry, or take servers out of the file",
    )
}

/// A file that was read.
struct Found {
    /// How messages name it.
    file: String,
    /// Its servers.
    servers: Vec<(String, Node)>,
    /// What a person should know of it.
    notices: Vec<String>,
    /// Servers that cannot be taken over, where that keeps nobody from taking over the others.
    left_out: Vec<String>,
    /// Whether the servers that can be taken over are, where others cannot: those of a list that nobody has read.
    lenient: bool,
    /// Whether strangers wrote it, and not the person's own client.
    foreign: bool,
    /// Whether the person has its lines before them.
    placed: bool,
}

impl Found {
    /// What a file holds.
    fn of(file: String, imported: import::Imported) -> Self {
        let import::Imported { format, servers, notices } = imported;
        let foreign = format == "server.json";
        Self { file, servers, notices, left_out: Vec::new(), lenient: false, foreign, placed: true }
    }
}

fn read(context: &Context, file: &File, files: &[PathBuf], matches: &ArgMatches) -> Result<Vec<Found>, Failures> {
    let headers = registry::headers(file, matches)?;
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for path in files {
        if let Some(url) = path.to_str().filter(|text| text.starts_with("https://") || text.starts_with("http://")) {
            found.push(context.block_on(registry::fetch(url, headers.clone()))?);
            continue;
        }
        let path = context.environment.working_directory().join(path);
        let name = change::short(context, &path);
        let text = disk::read_text(&path, LIMIT).map_err(|error| vec![error]);
        match text.and_then(|text| import::recognise(&name, &text)) {
            Ok(imported) => found.push(Found::of(name, imported)),
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors.into()) }
}

/// Only the servers that were named, if any were.
fn selected(mut found: Vec<Found>, only: &[String]) -> Result<Vec<Found>, Failures> {
    if only.is_empty() {
        return Ok(found);
    }
    let of = |found: &Found| -> Vec<String> {
        found.servers.iter().map(|(name, _)| name).chain(&found.left_out).cloned().collect()
    };
    let all: Vec<String> = found.iter().flat_map(of).collect();
    let unknown = |name: &&String| !all.contains(name);
    let error = |name: &String| {
        let next = match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the servers there are {}", all.join(", ")),
        };
        Error::new(Code::ServerUnknown, format!("there is no server `{name}` in what is imported"), next)
    };
    let errors: Vec<Error> = only.iter().filter(unknown).map(error).collect();
    if !errors.is_empty() {
        return Err(errors.into());
    }
    for found in &mut found {
        found.servers.retain(|(name, _)| only.contains(name));
        found.left_out.retain(|name| only.contains(name));
        // What is told of others is of no interest.
        found.notices.retain(|notice| only.iter().any(|name| notice.contains(&format!("`{name}`"))));
    }
    Ok(found)
}

/// What is to be written, and what is not.
#[derive(Default)]
struct Plan {
    text: String,
    added: Vec<String>,
    /// Servers that are there already and say something else.
    skipped: Vec<String>,
    /// Servers that are there already and say the same.
    same: Vec<String>,
    notes: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Plan {
    fn add_all(&mut self, context: &Context, file: &File, found: Vec<Found>) -> Result<(), Failures> {
        self.text = file.said().to_owned();
        let others = context.load().map(|loaded| loaded.servers).unwrap_or_default();
        let mut secrets = Secrets::new(&context.environment, &file.dot_env);
        let mut errors = Vec::new();
        for Found { file: source, servers, notices, left_out, lenient, foreign, placed } in found {
            self.notes.extend(notices);
            self.skipped.extend(left_out);
            for (name, mut node) in servers {
                let before = secrets.added.len();
                secrets.hide_in(&name, &mut node);
                let there = in_text(&self.text, &name).map_err(|error| file.named(context, error))?;
                let elsewhere = others.iter().find(|(other, _, _)| *other == name).map(|(_, _, source)| source);
                if there.is_some() || elsewhere.is_some() {
                    secrets.added.truncate(before);
                }
                match (there, elsewhere) {
                    (Some(there), _) if there.same_as(&node) => self.same.push(name),
                    (None, Some(other)) if *other == source => self.same.push(name),
                    (Some(_), _) | (None, Some(_)) => {
                        self.notes
                            .push(format!("{source}: server `{name}` is passed over: there is another of this name"));
                        self.skipped.push(name);
                    }
                    (None, None) => {
                        let checked = entry::check(file, &name, &node, &source, &secrets.added);
                        if lenient && !checked.errors.is_empty() {
                            let why = checked.errors.iter().map(Error::message).collect::<Vec<_>>().join("; ");
                            self.notes.push(format!("{source}: server `{name}` is passed over: {why}"));
                            self.skipped.push(name);
                            secrets.added.truncate(before);
                            continue;
                        }
                        self.notes.extend(told(&name, &checked, file, foreign));
                        errors.extend(
                            checked.errors.iter().map(
                                |error| {
                                    if placed { error.clone() } else { add::without_place(error) }
                                },
                            ),
                        );
                        self.text =
                            export::add_server(&self.text, &name, &node).map_err(|error| file.named(context, error))?;
                        self.added.push(name);
                    }
                }
            }
        }
        self.variables = secrets.added;
        if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
    }
}

/// What a person should know of a server before it is started.
fn told(name: &str, checked: &Checked, file: &File, foreign: bool) -> Vec<String> {
    let mut notes = checked.notes(&file.environment);
    // Which variables it wants a stranger has written; that there is something to get, they may have guessed.
    let given = checked.given.iter().filter(|_| foreign);
    notes.extend(given.map(|variable| format!("it is given the variable {variable}, which is set already")));
    notes.iter().map(|note| format!("`{name}`: {note}")).collect()
}

/// The entry of a server in the text of a configuration.
fn in_text(text: &str, name: &str) -> Result<Option<Node>> {
    let root = yaml("tutti.yaml", text)?.root;
    let servers = root.get("servers").map(|entry| &entry.node);
    Ok(servers.and_then(|servers| servers.get(name)).map(|entry| entry.node.clone()))
}

fn report(context: &Context, file: &File, plan: &Plan, changes: &[Change], consent: Consent) -> Result<()> {
    let output = &context.output;
    if !output.json {
        plan.notes.iter().for_each(|note| output.message(&format!("note: {note}")));
    }
    let made = change::make(context, changes, consent)? && !changes.is_empty();
    if output.json {
        output.value(&json!({
            "written": made,
            "added": plan.added,
            "skipped": plan.skipped,
            "unchanged": plan.same,
            "notes": plan.notes,
            "files": change::to_json(changes),
        }));
        return Ok(());
    }
    let count = |names: &[String], what: &str| match names.len() {
        0 => None,
        _ => Some(format!("{} {what}: {}", names.len(), names.join(", "))),
    };
    let verb = if consent == Consent::DryRun { "would be added" } else { "added" };
    let counts = [count(&plan.added, verb), count(&plan.same, "there already"), count(&plan.skipped, "passed over")];
    match counts.into_iter().flatten().collect::<Vec<_>>() {
        lines if lines.is_empty() => output.message("there are no servers in what was read"),
        lines => lines.iter().for_each(|line| output.message(line)),
    }
    if made {
        change::tell_written(context, changes);
        file::tell_outcome(context, file);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
