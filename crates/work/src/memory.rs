//! `tutti memory`: what runs remember: lists, single notes, search, sizes, and what may go.

mod place;
mod show;

use base::config::duration_from_text;
use base::{Code, Error};
use clap::{Arg, ArgAction, ArgMatches};
use hubs::client::{HubClient, Wanted, path_segment};
use hubs::{Command, Context, Failures, text};
use place::Place;
use serde_json::Value;
use workflow::Definitions;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("memory")
        .about("Tell what runs remember, and remove what is old")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  tutti memory list --scope project\n  tutti memory search \"how are answers cached\"\n\n\
             Notes are written by steps of workflows. What scopes are: docs/guide/workflows.md.",
        )
        .subcommand(
            clap::Command::new("list")
                .about("List what is remembered, the newest version of each")
                .arg(scope())
                .arg(option("after", "PLACE", "What the page before said: the next page"))
                .arg(count("How many at most [default: 50]", 500))
                .after_help("Examples:\n  tutti memory list\n  tutti memory list --scope run:"),
        )
        .subcommand(
            clap::Command::new("show")
                .about("Tell what a note says, and where it comes from")
                .arg(
                    Arg::new("note")
                        .value_name("SCOPE/KEY")
                        .required_unless_present("handle")
                        .help("The note: project/style, run:ID/findings, user:NAME/wishes, workflow:NAME/facts"),
                )
                .arg(
                    option("version", "NUMBER", "This version, and not the newest")
                        .value_parser(clap::value_parser!(u64).range(1..=1 << 53)),
                )
                .arg(
                    option("handle", "HANDLE", "What has this handle, whole, as receipts and transcripts name it")
                        .conflicts_with_all(["note", "version"]),
                )
                .arg(option("run", "RUN", "Look in this run, too: what it was given and what its steps gave").requires("handle"))
                .after_help(
                    "Examples:\n  tutti memory show project/style\n  tutti memory show project/style --version 1\n  \
                     tutti memory show --handle SHA256 --run RUN",
                ),
        )
        .subcommand(
            clap::Command::new("search")
                .about("Find notes by their words and by what they mean")
                .arg(
                    Arg::new("query")
                        .value_name("QUERY")
                        .required(true)
                        .num_args(1..)
                        .help("What they are to be about"),
                )
                .arg(scope())
                .arg(count("How many at most [default: 10]", 100))
                .after_help("Examples:\n  tutti memory search how are answers cached\n  tutti memory search --scope project style"),
        )
        .subcommand(clap::Command::new("stats").about("Tell how much is remembered, and what that saved steps from reading"))
        .subcommand(prune_arguments())
}

fn prune_arguments() -> clap::Command {
    let flag = |name, about| Arg::new(name).long(name).action(ArgAction::SetTrue).help(about);
    clap::Command::new("prune")
        .about("Remove what is over, and versions that are not the newest")
        .arg(scope())
        .arg(option("older-than", "TIME", "Of versions that are not the newest only those written so long ago, as 30d"))
        .arg(flag("dry-run", "Tell how much would go, and remove nothing"))
        .arg(flag("yes", "Do not ask").short('y'))
        .after_help(
            "Examples:\n  tutti memory prune --dry-run\n  tutti memory prune --scope run: --older-than 30d --yes",
        )
}

fn scope() -> Arg {
    option("scope", "SCOPE", "Only this scope, as project or user:NAME, or all of a kind, as run:")
}

fn count(about: &'static str, most: u64) -> Arg {
    option("limit", "COUNT", about).value_parser(clap::value_parser!(u64).range(1..=most))
}

fn option(name: &'static str, value: &'static str, about: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(about)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(Error::internal("a subcommand of `memory` is missing").into());
    };
    let wanted = Wanted { runs: Some(Definitions::new()), ..Wanted::default() };
    let output = &context.output;
    // What is wrong on the line is told before a hub is looked for.
    let path = match name {
        "list" => query("/api/v1/memory", matches, &["scope", "after"], 50),
        "show" => fragment(matches)?,
        "search" => {
            let words: Vec<&str> =
                matches.get_many::<String>("query").into_iter().flatten().map(String::as_str).collect();
            query("/api/v1/memory/search", matches, &["scope"], 10) + "&query=" + &path_segment(&words.join(" "))
        }
        "stats" => "/api/v1/memory/stats".to_owned(),
        _ => pruned(matches)?,
    };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        match name {
            "list" => show::list(output, &client.get(&path).await?),
            "show" if matches.contains_id("handle") => show::original(output, &client.get(&path).await?),
            "show" => show::note(output, &client.get(&path).await?),
            "search" => show::found(output, &client.get(&path).await?),
            "stats" => show::stats(output, &client.get(&path).await?),
            _ => prune(context, client, &path, matches).await?,
        }
        Ok(0)
    }))
}

/// A path with what was given of these options, and how many are wanted.
fn query(path: &str, matches: &ArgMatches, names: &[&str], most: u64) -> String {
    let limit = matches.get_one::<u64>("limit").copied().unwrap_or(most);
    let given = names.iter().filter_map(|name| Some((name, text(matches, name)?)));
    given.fold(format!("{path}?limit={limit}"), |path, (name, value)| format!("{path}&{name}={}", path_segment(value)))
}

fn fragment(matches: &ArgMatches) -> Result<String, Error> {
    if let Some(handle) = text(matches, "handle") {
        let run = text(matches, "run").map(|run| format!("?run={}", path_segment(run))).unwrap_or_default();
        return Ok(format!("/api/v1/memory/handles/{}{run}", path_segment(handle)));
    }
    let Place { scope, key } = Place::parse(text(matches, "note").unwrap_or_default())?;
    let version = matches.get_one::<u64>("version").map(|version| format!("?version={version}"));
    let place = format!("{}/{}", path_segment(&scope), path_segment(&key));
    Ok(format!("/api/v1/memory/fragments/{place}{}", version.unwrap_or_default()))
}

fn pruned(matches: &ArgMatches) -> Result<String, Error> {
    let mut path = "/api/v1/memory/prune?".to_owned();
    if let Some(scope) = text(matches, "scope") {
        path.push_str(&format!("scope={}&", path_segment(scope)));
    }
    if let Some(said) = text(matches, "older-than") {
        let seconds = duration_from_text(said).map(|time| time.as_secs()).ok_or_else(|| {
            let message = format!("--older-than is no time: `{}`", console::output::one_line(said, 64));
            Error::new(Code::Usage, message, "write `12h` or `30d`")
        })?;
        path.push_str(&format!("older_than={seconds}&"));
    }
    Ok(path)
}

/// Shows how much would go, asks where that is wanted, and has it removed.
async fn prune(context: &Context, client: &HubClient, path: &str, matches: &ArgMatches) -> Result<(), Failures> {
    let output = &context.output;
    let (dry, yes) = (matches.get_flag("dry-run"), matches.get_flag("yes"));
    let would: Value = client.post(&format!("{path}dry_run=true")).await?;
    let much = show::much(&would);
    if dry || would["fragments"] == 0 {
        show::pruned(output, &would);
        return Ok(());
    }
    if !yes {
        if !output.can_ask() {
            let message = format!("{much} would be removed, and nobody can be asked: standard input is no terminal");
            return Err(Error::new(Code::Usage, message, "look with --dry-run, then say --yes").into());
        }
        if !output.ask(&format!("Remove {much}?")) {
            output.message("nothing was removed");
            return Ok(());
        }
    }
    // What came to be over while somebody thought about it was not shown.
    let path = match would["at"].as_u64() {
        Some(at) => format!("{path}at={at}"),
        None => path.trim_end_matches(['?', '&']).to_owned(),
    };
    show::pruned(output, &client.post(&path).await?);
    Ok(())
}
