//! The binary: its commands, and how the hub is started and told of changes.

pub mod arguments;
pub mod browser;
pub mod command;
pub mod reload;
pub mod status;

use base::environment::Environment;
use console::output::Output;
use hubs::{Context, Failures};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // A supervisor of a child process is this same program; it must not become anything more than that.
    if let Some(code) = mcp::client::supervise::divert(arguments.get(1..).unwrap_or_default()) {
        return code;
    }
    // From here on this process may hold keys and tokens.
    mcp::client::bounds::shut_in();
    // The process of a model is this program too.
    if let Some(code) = builtin::divert(arguments.get(1..).unwrap_or_default()) {
        return code;
    }
    let matches = match command::tree().try_get_matches_from(&arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(error) => {
            let output = Output::plain();
            output.failures(std::slice::from_ref(&error));
            return ExitCode::from(error.code().exit());
        }
    };
    let output = Output::new(&matches, &environment);
    output.start_log(&environment);
    let context = Context::new(&matches, environment, output);
    let code = match command::run(&context, &matches) {
        Ok(code) => code,
        Err(Failures(errors)) => {
            context.output.failures(&errors);
            errors.first().map_or(1, |error| error.code().exit())
        }
    };
    let lost = context.output.lost();
    context.output.complaints(lost.as_slice());
    ExitCode::from(if code == 0 { lost.map_or(0, |error| error.code().exit()) } else { code })
}
