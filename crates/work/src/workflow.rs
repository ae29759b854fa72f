//! `tutti workflow`: what can be said of workflows, and running them.

mod known;
mod run;
mod show;
mod test;
mod validate;

use base::{Error, Result};
use clap::{Arg, ArgMatches};
use hubs::{Command, Context, Failures, text};
use known::Known;
use serde_json::json;
use workflow::{draw, explain};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// The pictures that are made of plans.
const FORMATS: [&str; 3] = ["ascii", "mermaid", "svg"];

fn arguments() -> clap::Command {
    clap::Command::new("workflow")
        .about("Run, list, check, draw, explain and test workflows")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  tutti workflow run report -p topic=caches\n  tutti workflow list\n  tutti workflow validate flows/report.yaml\n  \
             tutti workflow graph report --format mermaid\n  tutti workflow test --junit report.xml\n\n\
             What a workflow is: docs/guide/workflows.md.",
        )
        .subcommand(clap::Command::new("list").about("List the workflows of the configuration"))
        .subcommand(run::arguments())
        .subcommand(validate::arguments())
        .subcommand(
            clap::Command::new("graph")
                .about("Draw the graph of a workflow: what waits for what")
                .arg(workflow())
                .arg(
                    Arg::new("format")
                        .long("format")
                        .value_name("FORMAT")
                        .value_parser(FORMATS)
                        .default_value("ascii")
                        .help("For terminals, for documents, or for browsers"),
                )
                .arg(name())
                .after_help("Example:\n  tutti workflow graph report --format svg > report.svg"),
        )
        .subcommand(
            clap::Command::new("explain")
                .about("Tell of each step why it waits, what it may do, and what happens if it fails")
                .arg(workflow())
                .arg(name())
                .after_help("Example:\n  tutti workflow explain report"),
        )
        .subcommand(
            clap::Command::new("schema")
                .about("Print the JSON Schema of workflow files, for editors")
                .after_help("Example:\n  tutti workflow schema > workflow.schema.json"),
        )
        .subcommand(test::arguments())
}

/// The workflow that is meant.
fn workflow() -> Arg {
    Arg::new("workflow").value_name("NAME|FILE").required(true).help("A workflow of the configuration, or a file")
}

/// Which workflow of a file.
fn name() -> Arg {
    Arg::new("name").long("name").value_name("NAME").help("The workflow, where the file holds several")
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    match matches.subcommand() {
        Some(("list", _)) => show::list(context, &Known::of(context)?),
        Some(("run", matches)) => return run::run(context, matches),
        Some(("validate", matches)) => return validate::run(context, matches),
        Some(("graph", matches)) => graph(context, matches)?,
        Some(("explain", matches)) => explained(context, matches)?,
        Some(("schema", _)) => schema(context),
        Some(("test", matches)) => return context.block_on(test::run(context, matches)),
        _ => return Err(Error::internal("a subcommand of `workflow` is not in its table").into()),
    }
    Ok(0)
}

fn graph(context: &Context, matches: &ArgMatches) -> Result<(), Failures> {
    let plan = known::plan(context, text(matches, "workflow").unwrap_or_default(), text(matches, "name"))?;
    let format = text(matches, "format").unwrap_or_default();
    let drawn = match format {
        "mermaid" => draw::mermaid(&plan),
        "svg" => draw::svg(&plan),
        _ => draw::ascii(&plan),
    };
    if context.output.json {
        context.output.value(&json!({"workflow": plan.name(), "hash": plan.hash(), "format": format, "graph": drawn}));
    } else {
        context.output.line(drawn.trim_end());
    }
    Ok(())
}

fn explained(context: &Context, matches: &ArgMatches) -> Result<(), Failures> {
    let plan = known::plan(context, text(matches, "workflow").unwrap_or_default(), text(matches, "name"))?;
    if context.output.json {
        let steps = explain::explain(&plan);
        let (name, hash, effect) = (plan.name(), plan.hash(), plan.effect());
        context.output.value(&json!({"workflow": name, "hash": hash, "effect": effect, "steps": steps}));
    } else {
        context.output.line(explain::explanation(&plan).trim_end());
    }
    Ok(())
}

fn schema(context: &Context) {
    let schema = workflow::schema();
    if context.output.json {
        context.output.value(&schema);
    } else {
        context.output.line(&serde_json::to_string_pretty(&schema).unwrap_or_default());
    }
}
