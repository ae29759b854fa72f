//! `tutti doctor`: what could keep Tutti from working on this machine, with a fix for each.

mod check;
mod configuration;
mod hub;
mod machine;
mod openapi;
mod workflows;

use super::{Command, Context, Failures};
use base::{Code, Error};
use check::{Check, Status};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Output, Style, one_line};
use serde_json::{Value, json};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("doctor")
        .about("Look for what could keep Tutti from working, and say how to mend it")
        .arg(
            Arg::new("servers")
                .long("servers")
                .action(ArgAction::SetTrue)
                .help("Start every server too; in a running hub they are started anew"),
        )
        .after_help(
            "Examples:\n  tutti doctor\n  tutti doctor --servers\n  tutti doctor --json\n\n\
             The exit code is 1 if something is marked FAIL; what is marked warn works, but not well.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let servers = matches.get_flag("servers");
    let checks = context.block_on(async {
        let mut checks = configuration::checks(context, servers);
        checks.extend(hub::checks(context, servers).await);
        checks.extend(machine::checks(&context.environment).await);
        Ok(checks)
    })?;
    let failed = checks.iter().filter(|check| check.status == Status::Fail).count();
    let output = &context.output;
    if output.json {
        let checks: Vec<Value> = checks.iter().map(Check::to_json).collect();
        output.value(&json!({"ok": failed == 0, "checks": checks}));
    } else {
        print(output, &checks);
        if failed > 0 {
            output.failures(&[red(failed, checks.len())]);
        }
    }
    Ok(if failed == 0 { 0 } else { Code::DoctorRed.exit() })
}

fn red(failed: usize, all: usize) -> Error {
    let found = if failed == 1 { "found something that does" } else { "found things that do" };
    let message = format!("{failed} of {all} checks {found} not work");
    Error::new(
        Code::DoctorRed,
        message,
        "do what the lines marked FAIL say, from the top, and run `tutti doctor` again",
    )
}

fn print(output: &Output, checks: &[Check]) {
    let width = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or(0);
    for check in checks {
        let (style, mark) = match check.status {
            Status::Ok => (Style::Good, "ok  "),
            Status::Warn => (Style::Warn, "warn"),
            Status::Fail => (Style::Bad, "FAIL"),
            Status::Info => (Style::Faint, "info"),
        };
        let name = format!("{:width$}", check.name);
        output.line(&format!("{}  {name}  {}", output.paint(style, mark), one_line(&check.message, 400)));
        if let Some(fix) = &check.fix {
            let space = " ".repeat(width);
            let label = if check.status == Status::Info { "next:" } else { "fix:" };
            output.line(&format!("      {space}  {} {}", output.paint(Style::Strong, label), one_line(fix, 400)));
        }
    }
}

#[cfg(test)]
mod tests;
