//! `tutti model`: the models behind the hub.

mod chat;
mod describe;
mod discover;
mod feedback;
mod list;
mod pull;
mod remove;
mod test;
pub(crate) mod turn;

pub use discover::hint;

use base::{Code, Error};
use clap::{Arg, ArgMatches};
use hubs::client::HubClient;
use hubs::{Command, Context, Failures};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// What can be done with models, in the order of the help page.
const ALL: &[Command] = &[
    list::COMMAND,
    describe::COMMAND,
    test::COMMAND,
    chat::COMMAND,
    feedback::COMMAND,
    discover::COMMAND,
    pull::COMMAND,
    remove::COMMAND,
];

/// What stands before the names of models of files.
const PROVIDER: &str = "builtin/";

fn arguments() -> clap::Command {
    let root = clap::Command::new("model")
        .about("List, describe and test models, talk to them, and fetch files of them")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help("Examples:\n  tutti model list\n  tutti model describe default\n  tutti model chat default\n  tutti model pull Qwen/Qwen3-0.6B-GGUF:Q8_0");
    ALL.iter().fold(root, |root, command| root.subcommand((command.arguments)()))
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    hubs::one_of(ALL, context, matches)
}

/// The hub that runs. What is known of models and was spent on them is in its memory and its store, and a hub of one command
/// has no models.
pub(crate) async fn hub(context: &Context) -> Result<HubClient, Failures> {
    let next = "start one with `tutti up`; models are asked through it";
    let none = || Error::new(Code::HubUnreachable, "no hub runs for this configuration", next);
    Ok(HubClient::running(context).await?.ok_or_else(none)?)
}

/// The name of a model, as an argument.
fn name() -> Arg {
    Arg::new("name").value_name("NAME").required(true).help("A route, a model that a provider lists, or provider/model")
}

fn named(matches: &ArgMatches) -> String {
    matches.get_one::<String>("name").cloned().unwrap_or_default()
}
