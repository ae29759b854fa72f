//! The root of the command line, with the options that every command has.

use clap::{Arg, ArgAction, Command};

/// The root without its commands.
pub fn root() -> Command {
    Command::new("tutti")
        .version(env!("CARGO_PKG_VERSION"))
        .about("One binary in front of all the models and tools that a team uses")
        .after_help("Start with `tutti up`. Every error has a code; `tutti explain CODE` tells more.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .args(common().into_iter().map(|option| option.help_heading("Options of every command")))
}

/// Options that every command takes, anywhere on the line.
fn common() -> Vec<Arg> {
    vec![
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(std::path::PathBuf))
            .global(true)
            .help("The configuration file [default: tutti.yaml here, then in the config directory]"),
        Arg::new("url").long("url").value_name("URL").global(true).help("The hub to talk to [env: TUTTI_URL]"),
        Arg::new("json").long("json").action(ArgAction::SetTrue).global(true).help("Print JSON"),
        Arg::new("quiet")
            .long("quiet")
            .short('q')
            .action(ArgAction::SetTrue)
            .global(true)
            .help("Print no messages, only data and errors"),
        Arg::new("color")
            .long("color")
            .value_name("WHEN")
            .value_parser(["auto", "always", "never"])
            .default_value("auto")
            .global(true)
            .help("Colour the output"),
    ]
}
