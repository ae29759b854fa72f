//! `tutti prompt`: prompts with their versions, experiments and suites.

mod exchange;
mod experiment;
mod models;
mod optimize;
mod shelf;
mod show;
mod test;

use base::{Code, Error, Result};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::one_line;
use hubs::{Command, Context, Failures, text};
use prompts::requests::Change;
use serde_json::{Map, Value, json};
use shelf::Shelf;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("prompt")
        .about("Render, compare, test and improve prompts")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  tutti prompt list\n  tutti prompt render summary --arg text=@report.txt\n  \
             tutti prompt diff summary v1 latest\n  tutti prompt test suite.yaml --junit report.xml\n\n\
             What a prompt is: docs/guide/prompts.md.",
        )
        .subcommand(clap::Command::new("list").about("List the prompts that are served"))
        .subcommand(
            clap::Command::new("show")
                .about("Show a prompt with its parameters, versions and labels")
                .arg(name())
                .arg(version()),
        )
        .subcommand(
            clap::Command::new("render")
                .about("Print the messages that a prompt makes of arguments")
                .arg(name())
                .arg(version())
                .arg(key().required(false))
                .arg(Arg::new("arg").long("arg").value_name("NAME=VALUE").action(ArgAction::Append).help(
                    "An argument; @FILE is the text of a file, and what the schema wants no text is read as JSON",
                ))
                .after_help("Example:\n  tutti prompt render summary --arg text=@report.txt --arg words=20"),
        )
        .subcommand(
            clap::Command::new("diff")
                .about("Show what differs between two versions of a prompt")
                .arg(name())
                .arg(
                    Arg::new("before")
                        .value_name("VERSION")
                        .required(true)
                        .help("A label, a number such as v3, or a digest"),
                )
                .arg(Arg::new("after").value_name("VERSION").default_value("latest").help("The other one")),
        )
        .subcommands(moves())
        .subcommands(exchange::arguments())
        .subcommand(test::arguments())
        .subcommand(experiment::arguments())
        .subcommand(optimize::arguments())
}

/// What moves labels.
fn moves() -> [clap::Command; 2] {
    [
        clap::Command::new("label")
            .about("Put a label on a version of a prompt; `production` is what is served")
            .arg(name())
            .arg(Arg::new("label").value_name("LABEL").required(true).help("A word, such as production"))
            .arg(Arg::new("version").value_name("VERSION").help("The version; without one the label is taken away")),
        clap::Command::new("rollback")
            .about("Serve the version of a prompt that was served before, or the one that is named")
            .arg(name())
            .arg(Arg::new("version").value_name("VERSION").help("A label, a number such as v3, or a digest")),
    ]
}

/// The name of a prompt, as an argument.
fn name() -> Arg {
    Arg::new("name").value_name("NAME").required(true).help("The name of the prompt")
}

/// A version, as an option.
fn version() -> Arg {
    Arg::new("version").long("version").value_name("VERSION").help("A label, a number such as v3, or a digest")
}

/// What an experiment assigns by, as an option.
fn key() -> Arg {
    Arg::new("key").long("key").value_name("KEY").required(true).help("What names the user, the session or the request")
}

fn named(matches: &ArgMatches) -> &str {
    text(matches, "name").unwrap_or_default()
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let Some((command, matches)) = matches.subcommand() else {
        return Err(Error::internal("a command line without a command was let through").into());
    };
    match command {
        "list" => show::list(context, &context.block_on(Shelf::with(context, async |shelf| shelf.list().await))?),
        "show" => {
            let found = Shelf::with(context, async |shelf| shelf.show(named(matches), text(matches, "version")).await);
            show::one(context, &context.block_on(found)?);
        }
        "render" => show::messages(context, &context.block_on(render(context, matches))?),
        "diff" => diff(context, matches)?,
        "label" => {
            let body = json!({"label": text(matches, "label"), "version": text(matches, "version")});
            change(context, matches, Change::Label, &body)?;
        }
        "rollback" => change(context, matches, Change::RollBack, &json!({"version": text(matches, "version")}))?,
        "import" => context.block_on(exchange::import(context, matches))?,
        "export" => context.block_on(exchange::export(context, matches))?,
        "test" => return context.block_on(test::run(context, matches)),
        "experiment" => return experiment::run(context, matches),
        "optimize" => context.block_on(optimize::run(context, matches))?,
        _ => return Err(Error::internal("a subcommand of `prompt` is not in its table").into()),
    }
    Ok(0)
}

async fn render(context: &Context, matches: &ArgMatches) -> Result<Value, Failures> {
    let given = matches.get_many::<String>("arg").into_iter().flatten();
    let given = given.map(|pair| argument(context, pair)).collect::<Result<Map<_, _>>>()?;
    Shelf::with(context, async |shelf| {
        let shown = shelf.show(named(matches), text(matches, "version")).await?;
        let arguments = typed(&shown["prompt"]["parameters"], given);
        let body = json!({"arguments": arguments, "version": text(matches, "version"), "key": text(matches, "key")});
        shelf.change(named(matches), Change::Render, &body).await
    })
    .await
}

/// `name=value`, or `name=@file`.
fn argument(context: &Context, pair: &str) -> Result<(String, Value)> {
    let Some((name, value)) = pair.split_once('=') else {
        let message = format!("`{}` is no argument", one_line(pair, 60));
        return Err(Error::new(Code::Usage, message, "write --arg NAME=VALUE"));
    };
    let value = match value.strip_prefix('@') {
        None => value.to_owned(),
        Some(file) => base::disk::read_text(&context.environment.working_directory().join(file), 4 << 20)?,
    };
    Ok((name.to_owned(), Value::String(value)))
}

/// Texts of the command line, as values of the parameters' schemas.
fn typed(parameters: &Value, given: Map<String, Value>) -> Map<String, Value> {
    let read = |(name, value): (String, Value)| {
        let mut all = parameters.as_array().into_iter().flatten();
        let parameter = all.find(|parameter| parameter["name"] == name.as_str());
        let read = parameter.zip(value.as_str()).map(|(parameter, text)| prompts::of_text(&parameter["schema"], text));
        (name, read.unwrap_or(value))
    };
    given.into_iter().map(read).collect()
}

fn diff(context: &Context, matches: &ArgMatches) -> Result<(), Failures> {
    let (before, after) = (text(matches, "before"), text(matches, "after"));
    let both = Shelf::with(context, async |shelf| {
        Ok((shelf.show(named(matches), before).await?, shelf.show(named(matches), after).await?))
    });
    let (before, after) = context.block_on(both)?;
    show::difference(context, &before, &after);
    Ok(())
}

fn change(context: &Context, matches: &ArgMatches, change: Change, body: &Value) -> Result<(), Failures> {
    let done = Shelf::with(context, async |shelf| shelf.change(named(matches), change, body).await);
    show::placed(context, &context.block_on(done)?);
    Ok(())
}
