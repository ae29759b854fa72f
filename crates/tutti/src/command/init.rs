//! `tutti init`: writes a configuration to begin with.

use super::{Command, Context, Failures, dot_env};
use base::{Code, Error, Result, disk};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::Style;
use hubs::change::{self, Change, Consent, LIMIT};
use serde_json::json;
use std::path::{Path, PathBuf};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// The configuration.
const CONFIGURATION: &str = include_str!("init/tutti.yaml");

/// The variables that it names.
const VARIABLES: &str = include_str!("init/env.example");

/// What to do next.
const NEXT: [&str; 3] = ["tutti up", "tutti server add NAME -- COMMAND ARGUMENTS", "tutti connect claude-code"];

const EXAMPLES: &str = "Examples:
  tutti init
  tutti init --dry-run
  tutti --config team/tutti.yaml init

An existing configuration is not touched without --force, an existing .env.example never.";

fn arguments() -> clap::Command {
    clap::Command::new("init")
        .about("Write a commented tutti.yaml to begin with")
        .arg(
            Arg::new("force")
                .long("force")
                .action(ArgAction::SetTrue)
                .help("Write the configuration anew where there is one"),
        )
        .arg(change::dry_run())
        .after_help(EXAMPLES)
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let path = path(context);
    let changes = plan(&path, matches.get_flag("force"), context.config.is_none())?;
    let consent = if matches.get_flag("dry-run") { Consent::DryRun } else { Consent::Silent };
    let made = change::make(context, &changes, consent)?;
    let output = &context.output;
    if output.json {
        output.value(&json!({"written": made, "files": change::to_json(&changes), "next": NEXT}));
    } else if made {
        change::tell_written(context, &changes);
        output.message("\nNext:");
        NEXT.iter().for_each(|command| output.message(&format!("  {}", output.paint_message(Style::Strong, command))));
    }
    Ok(0)
}

fn path(context: &Context) -> PathBuf {
    let folder = context.environment.working_directory();
    context.config.as_deref().map_or_else(|| folder.join("tutti.yaml"), |path| folder.join(path))
}

/// What to write. With `any_name`, a configuration under the other name counts too: only one of them would be read.
fn plan(path: &Path, force: bool, any_name: bool) -> Result<Vec<Change>> {
    let other = path.with_file_name("tutti.yml");
    let there = [path, other.as_path()].into_iter().take(if any_name { 2 } else { 1 }).find(|path| path.exists());
    if let Some(there) = there.filter(|there| !force || *there != path) {
        let message = format!("{} is there already", there.display());
        let next = "add to it with `tutti server add`, or write it anew with `tutti init --force`";
        let next = if there == path { next } else { "use it, or move it away" };
        return Err(Error::new(Code::FileExists, message, next));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let before = disk::read_text_if_exists(path, LIMIT)?;
    let mut changes = vec![Change::new(path.to_owned(), before, CONFIGURATION.to_owned())];
    let example = folder.join(".env.example");
    if !example.exists() {
        changes.push(Change::new(example, None, VARIABLES.to_owned()));
    }
    changes.extend(dot_env::ignoring(folder)?);
    Ok(changes)
}

#[cfg(test)]
mod tests;
