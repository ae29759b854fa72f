//! Starting a server as a child process, and ending it whole.

use super::bounds::Bounds;
use super::supervise;
use base::{Code, Error, Result};
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

/// How to start a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// The name of the server, for errors.
    pub name: String,
    /// The program: a path, or a name that is looked for on the `PATH` of `environment`.
    pub program: String,
    /// Its arguments. No shell reads them.
    pub arguments: Vec<String>,
    /// Its whole environment.
    pub environment: Vec<(String, String)>,
    /// The folder it runs in.
    pub directory: PathBuf,
    /// The program that supervises it (see [`supervise`]); without one the child is in a process group of its own.
    pub supervisor: Option<PathBuf>,
    /// How much of the machine it may use, where there is a supervisor.
    pub bounds: Bounds,
    /// How long it may take to end after SIGTERM.
    pub grace: Duration,
    /// The most bytes of one message.
    pub message_limit: usize,
}

/// The ends of a child's pipes.
pub(super) struct Pipes {
    pub(super) input: pipe::Sender,
    pub(super) output: pipe::Receiver,
    pub(super) errors: pipe::Receiver,
}

/// Starts the process.
pub(super) fn start(options: &Options) -> Result<(Child, Pipes)> {
    let program = find(options)?;
    let failed = |error: std::io::Error| not_started(options, &format!("cannot be started: {error}"));
    let command_line: Vec<OsString> =
        std::iter::once(program.into_os_string()).chain(options.arguments.iter().map(OsString::from)).collect();
    let mut command = match &options.supervisor {
        Some(supervisor) => {
            let mut command = Command::new(supervisor);
            command.args(supervise::arguments(options.grace, options.bounds, &command_line));
            command
        }
        None => {
            let mut command = Command::new(&command_line[0]);
            command.args(&command_line[1..]);
            command
        }
    };
    let (input, child_input) = pipe::pipe().map_err(failed)?;
    let (child_output, output) = pipe::pipe().map_err(failed)?;
    let (child_errors, errors) = pipe::pipe().map_err(failed)?;
    command
        .env_clear()
        .envs(options.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&options.directory)
        .stdin(stdio(child_input.into_blocking_fd()).map_err(failed)?)
        .stdout(stdio(child_output.into_blocking_fd()).map_err(failed)?)
        .stderr(stdio(child_errors.into_blocking_fd()).map_err(failed)?)
        .process_group(0)
        .kill_on_drop(true);
    let child = command.spawn().map_err(failed)?;
    Ok((child, Pipes { input, output, errors }))
}

fn stdio(descriptor: std::io::Result<OwnedFd>) -> std::io::Result<Stdio> {
    descriptor.map(Stdio::from)
}

/// The program's path. Looking before starting gives the clear error for the most common fault: a command that is not
/// installed.
fn find(options: &Options) -> Result<PathBuf> {
    if !options.directory.is_dir() {
        return Err(not_started(options, &format!("its folder {} does not exist", options.directory.display())));
    }
    let program = Path::new(&options.program);
    if program.components().count() > 1 {
        let path = options.directory.join(program);
        return if is_program(&path) {
            Ok(path)
        } else if path.is_file() {
            Err(missing(options, &format!("{} may not be executed (`chmod +x` allows it)", path.display())))
        } else {
            Err(missing(options, &format!("there is no {}", path.display())))
        };
    }
    let search = options.environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_str());
    let folders = std::env::split_paths(search.unwrap_or("/usr/local/bin:/usr/bin:/bin"));
    let found = folders.map(|folder| folder.join(program)).find(|path| is_program(path));
    found.ok_or_else(|| missing(options, &format!("`{}` is not on the PATH", options.program)))
}

/// Whether there is a file that may be executed by somebody.
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn missing(options: &Options, why: &str) -> Error {
    let program = &options.program;
    let hint = match program.as_str() {
        "npx" | "node" | "npm" => "install Node.js, or write the full path of the program".to_owned(),
        _ if program.contains(' ') => {
            "write only the program under `command`, and its arguments under `args`".to_owned()
        }
        "uvx" | "uv" => "install uv (`pip install uv`), or write the full path of the program".to_owned(),
        _ => format!("install {program}, or write the full path of the program under `command`"),
    };
    let name = &options.name;
    Error::new(Code::UpstreamNotStarted, format!("the command of `{name}` cannot be started: {why}"), hint)
        .of_upstream(name)
}

fn not_started(options: &Options, why: &str) -> Error {
    let name = &options.name;
    let next = format!("check `command`, `args` and `cwd` of `{name}`, then run `tutti server test {name}`");
    Error::new(Code::UpstreamNotStarted, format!("the command of `{name}` {why}"), next).of_upstream(name)
}

/// Sends a signal to the process group of `pid`. The group may be gone already.
pub(super) fn signal(pid: u32, signal: rustix::process::Signal) {
    if let Some(group) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, signal);
    }
}
