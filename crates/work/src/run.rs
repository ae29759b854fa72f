//! `tutti run`: runs of workflows: how they stand, and what people decide.

pub(super) mod follow;

use base::{Code, Error, Result};
use clap::{Arg, ArgAction, ArgMatches};
use console::runs as show;
use follow::Way;
use hubs::client::{HubClient, Wanted, path_segment};
use hubs::{Command, Context, Failures, text};
use serde_json::{Map, Value};
use workflow::Definitions;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    let root = clap::Command::new("run")
        .about("Tell of runs of workflows, and decide what they wait for")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  tutti run list --status waiting\n  tutti run inspect ID\n  tutti run approve ID\n\n\
             Runs are started with `tutti workflow run`. What a run is: docs/guide/workflows.md.",
        );
    let one = |name: &'static str, about: &'static str| clap::Command::new(name).about(about).arg(id());
    let plain = |name, about| one(name, about).arg(option("reason", "TEXT", "Why; the journal keeps it"));
    let step = || option("step", "STEP", "The step, where several are meant");
    let decision = |name, about| plain(name, about).arg(step());
    let seen = || option("arguments", "DIGEST", "What `run inspect` shows of the gate: decides on nothing else");
    root.subcommand(list_arguments())
        .subcommand(one("inspect", "Tell of a run, its steps, and where somebody is to decide"))
        .subcommand(one("watch", "Follow a run to its end"))
        .subcommand(decision("approve", "Let a gate go on").arg(seen()).arg(option(
            "edited",
            "JSON",
            "What you made of what is shown, where the gate lets you",
        )))
        .subcommand(decision("reject", "Refuse at a gate: its step fails").arg(seen()))
        .subcommand(
            decision("resolve", "Say what became of a step of which nobody knows whether it was carried out")
                .arg(
                    Arg::new("resolution")
                        .value_name("WHAT")
                        .required(true)
                        .value_parser(["happened", "retry", "fail"])
                        .help("It happened; it is to be sent again; the step failed"),
                )
                .arg(option("value", "JSON", "What it gave, where it happened")),
        )
        .subcommand(plain("cancel", "Cancel a run; what it did and can be undone is undone"))
        .subcommand(plain("pause", "Let nothing new begin in a run"))
        .subcommand(plain("resume", "Let a paused run go on"))
        .subcommand(
            one("signal", "Tell a run of an event outside")
                .arg(Arg::new("name").value_name("NAME").required(true).help("What the event is called"))
                .arg(option("body", "JSON", "What comes with it"))
                .arg(option("key", "KEY", "Tells it once, however often it is told with this key")),
        )
        .subcommand(
            one("fork", "Start a run with the results of another, but for those from a step on")
                .arg(option("from", "STEP", "The step that is done anew, with all that come after it").required(true))
                .arg(
                    option("again", "STEP", "A step that may be sent once more; may be said again")
                        .action(ArgAction::Append),
                ),
        )
        .subcommand(one("export", "Print all that is kept of a run as JSON"))
}

fn list_arguments() -> clap::Command {
    clap::Command::new("list")
        .about("List runs, the newest first")
        .arg(option("status", "STATUS", "Only those that stand so: running, waiting, in_doubt, paused, succeeded, …"))
        .arg(option("workflow", "NAME", "Only those of this workflow"))
        .arg(option("after", "ID", "Those behind this run: the next page"))
        .arg(
            option("limit", "COUNT", "How many at most [default: 50]")
                .value_parser(clap::value_parser!(u64).range(1..=500)),
        )
}

fn id() -> Arg {
    Arg::new("run").value_name("ID").required(true).help("The run")
}

fn option(name: &'static str, value: &'static str, about: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(about)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let Some((name, matches)) = matches.subcommand() else {
        return Err(Error::internal("a subcommand of `run` is missing").into());
    };
    let wanted = Wanted { runs: Some(Definitions::new()), ..Wanted::default() };
    follow::with_hub(context, &wanted, &async |client, way: &Way| match name {
        "list" => list(context, client, matches).await,
        "inspect" => {
            let said = client.get(&path(matches, "")).await?;
            show::run(&context.output, &said);
            Ok(0)
        }
        "watch" => {
            let run = text(matches, "run").unwrap_or_default();
            follow::to_the_end(&context.output, client, run, way).await
        }
        "export" => {
            context.output.value(&client.get(&path(matches, "/export")).await?);
            Ok(0)
        }
        decision => decide(context, client, decision, matches).await,
    })
}

async fn list(context: &Context, client: &HubClient, matches: &ArgMatches) -> Result<u8, Failures> {
    let limit = matches.get_one::<u64>("limit").copied().unwrap_or(50);
    let mut path = format!("/api/v1/runs?limit={limit}");
    for name in ["status", "workflow", "after"] {
        if let Some(value) = text(matches, name) {
            path.push_str(&format!("&{name}={}", path_segment(value)));
        }
    }
    show::list(&context.output, &client.get(&path).await?);
    Ok(0)
}

/// Tells the hub what was decided, in the words of its interface.
async fn decide(context: &Context, client: &HubClient, decision: &str, matches: &ArgMatches) -> Result<u8, Failures> {
    let mut body = Map::new();
    for name in ["step", "reason", "arguments", "resolution", "name", "key", "from"] {
        body.extend(text(matches, name).map(|said| (name.to_owned(), said.into())));
    }
    // Other decisions know no such flag.
    if let Ok(Some(steps)) = matches.try_get_many::<String>("again") {
        body.insert("again".to_owned(), steps.cloned().collect());
    }
    for name in ["edited", "value", "body"] {
        if let Some(said) = text(matches, name) {
            let value = base::json::from_text(said).map_err(|error| {
                Error::new(Code::Usage, format!("--{name} is not JSON: {error}"), "write a text as '\"text\"'")
            })?;
            body.insert(name.to_owned(), value);
        }
    }
    let said = client.post_json(&path(matches, &format!("/{decision}")), &Value::Object(body)).await?;
    show::decided(&context.output, decision, &said);
    Ok(0)
}

/// A path of the run.
fn path(matches: &ArgMatches, rest: &str) -> String {
    format!("/api/v1/runs/{}{rest}", path_segment(text(matches, "run").unwrap_or_default()))
}
