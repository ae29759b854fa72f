//! The process between the hub and a server: it makes sure that nothing of the server is left.
//!
//! The hub starts itself again as supervisor, which starts the server and stays until all that the server started is
//! gone. As *subreaper* it inherits also those descendants that left their process group and session. It ends them when
//! the server ends, when the hub tells it to (SIGTERM), and when the hub dies in whatever way (parent-death signal).
//! A second short step, the launcher, asks for a parent-death signal itself and then becomes the server, so that not
//! even the death of the supervisor leaves it behind.
//!
//! Both run before anything else in the program, on its first thread, without a runtime.

use super::bounds::Bounds;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

/// The first argument of a supervisor.
pub const SUPERVISE: &str = "__supervise";

/// The first argument of a launcher.
pub const LAUNCH: &str = "__launch";

/// The exit code for a command that could not be started, as shells use it.
pub const NOT_STARTED: u8 = 127;

/// Does the work when the arguments behind the program's name ask for it; nothing otherwise.
pub fn divert(arguments: &[OsString]) -> Option<ExitCode> {
    let (mode, rest) = arguments.split_first()?;
    match mode.to_str()? {
        SUPERVISE => Some(supervise(rest)),
        LAUNCH => Some(launch(rest)),
        _ => None,
    }
}

/// The arguments that make a supervisor run `command` within `bounds` and give it `grace` to end after SIGTERM.
pub fn arguments(grace: Duration, bounds: Bounds, command: &[OsString]) -> Vec<OsString> {
    let (grace, parent) = (grace.as_millis().to_string(), std::process::id().to_string());
    let fixed = [SUPERVISE.to_owned(), grace, parent, bounds.to_text()];
    fixed.into_iter().map(OsString::from).chain(command.iter().cloned()).collect()
}

fn complain(message: &str) -> ExitCode {
    // Standard error is the server's: its last lines are what the hub shows.
    let _ = writeln!(std::io::stderr(), "tutti: {message}");
    ExitCode::from(NOT_STARTED)
}

#[cfg(target_os = "linux")]
mod platform {
    use super::{Bounds, Duration, ExitCode, LAUNCH, NOT_STARTED, OsString, complain};
    use rustix::process::{Pid, Signal};
    use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    pub(super) fn supervise(arguments: &[OsString]) -> ExitCode {
        // The launcher reads the bounds.
        let [grace, parent, command @ ..] = arguments else { return complain("a supervisor was started wrongly") };
        let number = |text: &OsString| text.to_str().and_then(|text| text.parse::<u64>().ok());
        let (Some(grace), Some(parent)) = (number(grace), number(parent)) else {
            return complain("a supervisor was started wrongly");
        };
        let Ok(mut signals) = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGCHLD]) else {
            return complain("signals cannot be taken");
        };
        let bound = rustix::process::set_parent_process_death_signal(Some(Signal::TERM))
            .and_then(|()| rustix::process::set_child_subreaper(Pid::from_raw(1)));
        if bound.is_err() || !is_parent(parent) {
            return complain("the hub is gone");
        }
        let mut child = match start(command) {
            Ok(child) => child,
            Err(error) => return complain(&format!("cannot start {:?}: {error}", command.get(1))),
        };
        let main = Pid::from_child(&child);
        let_go_of_pipes();
        let code = loop {
            let told_to_stop = signals.wait().any(|signal| signal != SIGCHLD);
            if told_to_stop {
                let _ = rustix::process::kill_process_group(main, Signal::TERM);
                break wait_for(&mut child, Duration::from_millis(grace));
            }
            if let Some(code) = ended(&mut child) {
                break Some(code);
            }
        };
        end_all(main);
        ExitCode::from(code.unwrap_or(128 + 9))
    }

    /// Starts the launcher with the bounds and the command, in a process group of its own, so that a Ctrl-C at the terminal is the hub's alone.
    fn start(command: &[OsString]) -> std::io::Result<std::process::Child> {
        let program = std::env::current_exe()?;
        Command::new(program).arg(LAUNCH).args(command).process_group(0).spawn()
    }

    /// The pipes are the server's alone: the hub sees that its output is closed only when nobody else holds it.
    fn let_go_of_pipes() {
        if let Ok(nothing) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null") {
            let _ = rustix::stdio::dup2_stdin(&nothing);
            let _ = rustix::stdio::dup2_stdout(&nothing);
        }
    }

    pub(super) fn launch(command: &[OsString]) -> ExitCode {
        let [bounds, program, arguments @ ..] = command else { return complain("no command to launch") };
        let Some(bounds) = bounds.to_str().and_then(Bounds::from_text) else {
            return complain("no bounds to launch in");
        };
        let parent = rustix::process::getppid();
        let bound = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
        if bound.is_err() || rustix::process::getppid() != parent || parent == Pid::from_raw(1) {
            return complain("the supervisor is gone");
        }
        if let Err(error) = bounds.apply() {
            return complain(&format!("the limits of the server cannot be set: {error}"));
        }
        let error = Command::new(program).args(arguments).exec();
        complain(&format!("cannot start {}: {error}", program.display()))
    }

    /// A parent that died before the signal was asked for has been replaced by another process by now.
    fn is_parent(expected: u64) -> bool {
        rustix::process::getppid()
            .is_some_and(|parent| u64::from(parent.as_raw_nonzero().get().unsigned_abs()) == expected)
    }

    /// The exit code of the server, if it has ended. A signal is told as shells tell it, 128 and its number.
    fn ended(child: &mut std::process::Child) -> Option<u8> {
        use std::os::unix::process::ExitStatusExt as _;
        let status = child.try_wait().ok().flatten()?;
        let code =
            status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(i32::from(NOT_STARTED));
        Some(u8::try_from(code).unwrap_or(u8::MAX))
    }

    const STEP: Duration = Duration::from_millis(10);

    fn wait_for(child: &mut std::process::Child, grace: Duration) -> Option<u8> {
        let steps = grace.as_millis() / STEP.as_millis();
        for _ in 0..=steps {
            if let Some(code) = ended(child) {
                return Some(code);
            }
            std::thread::sleep(STEP);
        }
        None
    }

    /// Kills the server's group and every descendant, until there is none. Those whose parent dies become children of
    /// this process, the subreaper, and are found in the next round.
    fn end_all(main: Pid) {
        let _ = rustix::process::kill_process_group(main, Signal::KILL);
        for _ in 0..1000 {
            reap();
            let children = children();
            if children.is_empty() {
                return;
            }
            for child in children {
                let _ = rustix::process::kill_process(child, Signal::KILL);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn reap() {
        while let Ok(Some(_)) = rustix::process::wait(rustix::process::WaitOptions::NOHANG) {}
    }

    /// The children of this process, by the list that the kernel keeps for each of its threads.
    fn children() -> Vec<Pid> {
        let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let lists = threads.filter_map(|thread| {
            let mut text = String::new();
            let mut file = std::fs::File::open(thread.path().join("children")).ok()?;
            std::io::Read::read_to_string(&mut file, &mut text).ok()?;
            Some(text)
        });
        let numbers: Vec<String> = lists.collect();
        numbers
            .iter()
            .flat_map(|list| list.split_whitespace())
            .filter_map(|number| number.parse().ok().and_then(Pid::from_raw))
            .collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::{ExitCode, OsString, complain};

    pub(super) fn supervise(_arguments: &[OsString]) -> ExitCode {
        complain("supervisors are for Linux")
    }

    /// The pipes are the server's alone: the hub sees that its output is closed only when nobody else holds it.
    fn let_go_of_pipes() {
        if let Ok(nothing) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null") {
            let _ = rustix::stdio::dup2_stdin(&nothing);
            let _ = rustix::stdio::dup2_stdout(&nothing);
        }
    }

    pub(super) fn launch(_command: &[OsString]) -> ExitCode {
        complain("launchers are for Linux")
    }
}

use platform::{launch, supervise};
