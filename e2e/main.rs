//! Black-box tests: one executable that starts the real binary on 127.0.0.1:0 and talks to it as clients do.
//!
//! The same executable is the upstream that misbehaves (`--upstream`), so that the tests need nothing else. A test
//! never sleeps, asks for no fixed port and does not depend on another: it waits for what it wants to see, with a
//! deadline that is an error.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "these are tests: a panic is how they fail, and they look at the product from outside, without `base`"
)]

mod api;
mod asks;
mod commands;
mod endpoint;
mod entrances;
mod eras;
mod faults;
mod harness;
mod models;
mod modes;
mod numbers;
mod oauth;
mod openapi;
mod parameters;
mod plans;
mod process;
mod prompts;
mod reload;
mod replicas;
mod resilience;
mod schedules;
mod security;
mod sessions;
mod talks;
mod tasks;
mod telemetry;
mod transports;
mod upstream;
mod views;
mod workflows;

use libtest_mimic::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|first| first == "--upstream").is_some() {
        return upstream::main(arguments);
    }
    let tests = [
        harness::tests(),
        upstream::tests(),
        api::tests(),
        asks::tests(),
        eras::tests(),
        faults::tests(),
        process::tests(),
        prompts::tests(),
        endpoint::tests(),
        entrances::tests(),
        numbers::tests(),
        parameters::tests(),
        tasks::tests(),
        security::tests(),
        sessions::tests(),
        telemetry::tests(),
        transports::tests(),
        reload::tests(),
        openapi::tests(),
        resilience::tests(),
        schedules::tests(),
        commands::tests(),
        oauth::tests(),
        views::tests(),
        modes::tests(),
        models::tests(),
        plans::tests(),
        replicas::tests(),
        workflows::tests(),
        talks::tests(),
    ];
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().flatten().collect()).exit_code()
}
