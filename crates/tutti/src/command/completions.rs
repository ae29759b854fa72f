//! `tutti completions`: scripts that let a shell complete commands and options.

use super::{Command, Context, Failures};
use base::Error;
use clap::{Arg, ArgMatches};
use clap_complete::Shell;
use serde_json::json;

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// Where each shell looks for such scripts.
const EXAMPLES: &str = "Examples:
  tutti completions bash > ~/.local/share/bash-completion/completions/tutti
  tutti completions zsh > ~/.zfunc/_tutti      (with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc)
  tutti completions fish > ~/.config/fish/completions/tutti.fish
  tutti completions powershell >> $PROFILE
  tutti completions elvish >> ~/.config/elvish/rc.elv";

fn arguments() -> clap::Command {
    clap::Command::new("completions")
        .about("Print a script that lets your shell complete commands and options")
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(clap::value_parser!(Shell))
                .help("The shell"),
        )
        .after_help(EXAMPLES)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let Some(shell) = matches.get_one::<Shell>("shell").copied() else {
        return Err(Error::internal("a command line without a shell was let through").into());
    };
    let script = script(shell);
    if context.output.json {
        context.output.value(&json!({"shell": shell.to_string(), "script": script}));
    } else {
        context.output.line(script.trim_end());
    }
    Ok(0)
}

fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut crate::command::tree(), "tutti", &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
