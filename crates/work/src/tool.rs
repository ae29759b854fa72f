//! `tutti tool`: what the servers can do, from the command line.

mod address;
mod approve;
mod call;
mod content;
mod describe;
mod docs;
mod find;
mod lint;
mod list;
mod search;

use clap::{Arg, ArgMatches};
use console::{flags, schema};
use hubs::{Command, Context, Failures};
use serde_json::{Map, Value};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// The names of the arguments in a tool's schema, each with its flag: the way of the fuzzer to parsers that are for this
/// module alone.
#[doc(hidden)]
pub fn flags(schema: &Value) -> Vec<(String, String)> {
    schema::parameters(schema).into_iter().map(|parameter| (parameter.name, parameter.flag)).collect()
}

/// The arguments that `words` stand for behind the address of a tool with this schema: the way of the fuzzer.
#[doc(hidden)]
pub fn parse_flags(schema: &Value, words: &[String]) -> Option<Map<String, Value>> {
    let words = flags::read("tool", &schema::parameters(schema), words).ok()?;
    Some(words.arguments)
}

/// A result of a tool as it is printed: the way of the fuzzer.
#[doc(hidden)]
pub fn printed(result: &Value) -> String {
    content::text(result)
}

fn arguments() -> clap::Command {
    clap::Command::new("tool")
        .about("List, find, describe, call and approve the tools of all servers")
        .after_help(
            "A tool is addressed as mcp://SERVER/TOOL; SERVER/TOOL and SERVER__TOOL are taken too.\n\
             Where no hub runs, the servers are started for the one command.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(list_arguments())
        .subcommand(search_arguments())
        .subcommand(describe_arguments())
        .subcommand(call_arguments())
        .subcommand(docs::arguments())
        .subcommand(lint::arguments())
        .subcommand(approve::diff_arguments())
        .subcommand(approve::approve_arguments())
}

fn list_arguments() -> clap::Command {
    clap::Command::new("list")
        .about("List the tools of all servers")
        .after_help("Examples:\n  tutti tool list\n  tutti tool list --server files\n  tutti tool list --json")
        .arg(Arg::new("server").long("server").value_name("NAME").help("Only the tools of this server"))
        .arg(view())
}

fn search_arguments() -> clap::Command {
    clap::Command::new("search")
        .about("Find tools by what they do")
        .after_help("Examples:\n  tutti tool search read a file\n  tutti tool search --server files --json find a text")
        .arg(Arg::new("server").long("server").value_name("NAME").help("Only the tools of this server"))
        .arg(Arg::new("limit").long("limit").value_name("COUNT").help("How many tools, from 1 to 20 [default: 5]"))
        .arg(view())
        .arg(Arg::new("query").value_name("QUERY").required(true).num_args(1..).help("What is to be done"))
}

fn describe_arguments() -> clap::Command {
    clap::Command::new("describe")
        .about("Tell what a tool does and which flags it takes")
        .after_help("Example:\n  tutti tool describe mcp://files/read_file")
        .arg(view())
        .arg(Arg::new("address").value_name("ADDRESS").required(true).help("The tool: mcp://SERVER/TOOL"))
}

fn call_arguments() -> clap::Command {
    clap::Command::new("call")
        .about("Call a tool")
        .override_usage("tutti tool call [OPTIONS] ADDRESS [FLAGS OF THE TOOL]...")
        .after_help(
            "Every argument of the tool is a flag behind the address; `tutti tool call ADDRESS --help` shows them.\n\
             A flag of the tool comes before an option of the same name; options can stand before the address.\n\n\
             Examples:\n  \
             tutti tool call mcp://files/read_file --path README.md\n  \
             tutti tool call mcp://files/read_file --args '{\"path\": \"README.md\"}'\n  \
             tutti tool call --json mcp://files/list_directory",
        )
        .arg(
            Arg::new("args")
                .long("args")
                .value_name("JSON")
                .help("All arguments as one JSON object; @FILE reads a file, - reads standard input"),
        )
        .arg(Arg::new("timeout").long("timeout").value_name("TIME").help("How long to wait, such as 30s or 5m"))
        .arg(view())
        .arg(
            Arg::new("words")
                .value_name("ADDRESS")
                .required(true)
                .num_args(1..)
                .trailing_var_arg(true)
                .help("The tool, mcp://SERVER/TOOL, and then its flags"),
        )
}

fn view() -> Arg {
    Arg::new("view").long("view").value_name("VIEW").help("As clients of this view see it")
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned();
    match matches.subcommand() {
        Some(("list", matches)) => list::run(context, text(matches, "server").as_deref(), text(matches, "view")),
        Some(("search", matches)) => {
            let words: Vec<String> = matches.get_many::<String>("query").into_iter().flatten().cloned().collect();
            let (server, limit) = (text(matches, "server"), text(matches, "limit"));
            search::run(context, &search::Order { query: words.join(" "), server, limit, view: text(matches, "view") })
        }
        Some(("describe", matches)) => {
            let address = text(matches, "address").unwrap_or_default();
            describe::run(context, &address, text(matches, "view"))
        }
        Some(("call", matches)) => {
            let mut words = matches.get_many::<String>("words").into_iter().flatten().cloned();
            let address = words.next().unwrap_or_default();
            let (arguments, timeout) = (text(matches, "args"), text(matches, "timeout"));
            let order =
                call::Order { address, words: words.collect(), arguments, timeout, view: text(matches, "view") };
            call::run(context, &order)
        }
        Some(("docs", matches)) => docs::run(context, matches),
        Some(("lint", matches)) => lint::run(context, matches),
        Some(("diff", matches)) => approve::diff(context, matches),
        Some(("approve", matches)) => approve::approve(context, matches),
        _ => Err(base::Error::internal("a subcommand of `tool` is not in its table").into()),
    }
}
