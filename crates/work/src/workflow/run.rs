//! `tutti workflow run`: starts a run, and tells how it goes.

use super::known::{Known, is_file, one_of};
use super::text;
use crate::run::follow::{self, Way};
use base::{Code, Error};
use clap::{Arg, ArgAction, ArgMatches};
use console::parameters;
use hubs::client::{Wanted, path_segment};
use hubs::{Context, Failures};
use serde_json::json;
use workflow::Definitions;

pub(super) fn arguments() -> clap::Command {
    clap::Command::new("run")
        .about("Run a workflow, and tell how it goes")
        .arg(super::workflow())
        .arg(super::name())
        .arg(
            Arg::new("param")
                .short('p')
                .long("param")
                .value_name("NAME=VALUE")
                .action(ArgAction::Append)
                .help("A parameter; JSON where the value is that, else a text"),
        )
        .arg(
            Arg::new("params")
                .long("params")
                .value_name("JSON|@FILE")
                .help("All parameters as one JSON object; -p counts more"),
        )
        .arg(
            Arg::new("key")
                .long("key")
                .value_name("KEY")
                .help("Starts nothing where a run was started with this key before; that one is followed"),
        )
        .arg(
            Arg::new("detach")
                .long("detach")
                .action(ArgAction::SetTrue)
                .help("Do not wait for its end; needs a hub that runs"),
        )
        .after_help(
            "Examples:\n  tutti workflow run report -p topic=caches\n  tutti workflow run flows/report.yaml --params @params.json\n  \
             tutti workflow run report -p topic=caches --detach\n\n\
             A workflow of the configuration runs in the hub that runs, and goes on when this command is ended. A file, or a \
             workflow without a hub, runs in this process; what is left of it goes on with the next `tutti up` here.",
        )
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let word = text(matches, "workflow").unwrap_or_default();
    let (name, definitions) = if is_file(word) {
        let mut known = Known::of(context)?;
        let names = known.with_file(context, word)?;
        let name = one_of(&names, text(matches, "name"), word, "--name")?;
        known.plan(&name)?;
        known.definitions.retain(|known, _| names.contains(known));
        (name, known.definitions)
    } else {
        (word.to_owned(), Definitions::new())
    };
    let said = matches.get_many::<String>("param").into_iter().flatten().map(String::as_str);
    let params = parameters::read(text(matches, "params"), said, context.environment.working_directory())?;
    let body = json!({"params": params, "key": text(matches, "key")});
    let wanted = Wanted { runs: Some(definitions), ..Wanted::default() };
    let detach = matches.get_flag("detach");
    follow::with_hub(context, &wanted, &async |client, way: &Way| {
        if detach && client.is_local() {
            let next = "start a hub with `tutti up`, or leave out --detach";
            return Err(Error::new(Code::HubUnreachable, "no hub runs that could carry the run out", next).into());
        }
        let started = client.post_json(&format!("/api/v1/workflows/{}/runs", path_segment(&name)), &body).await?;
        let run = started["id"].as_str().unwrap_or_default().to_owned();
        if detach {
            match context.output.json {
                true => context.output.value(&started),
                false => context.output.line(&run),
            }
            return Ok(0);
        }
        follow::to_the_end(&context.output, client, &run, way).await
    })
}
