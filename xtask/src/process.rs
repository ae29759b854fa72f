//! Other programs: run, read, limited in time.

use crate::console::Console;
use crate::failure::{Failure, Result};
use crate::system;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How often a program that runs is looked at.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long output may still come after the program that it comes from has ended.
const GRACE: Duration = Duration::from_secs(1);

/// What a program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    /// How it ended; nothing if it took too long and was killed.
    pub(crate) status: Option<ExitStatus>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// Whether the program ended well.
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// The last lines of stderr, or of stdout where stderr is empty.
    pub(crate) fn last_lines(&self) -> String {
        let text = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        last_lines(text, 20)
    }
}

/// The last `count` lines of `text`.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// A program with its arguments.
pub(crate) fn command<S: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a program whose output is for the developer to read, and gives whether it ended well.
pub(crate) fn show(command: &mut Command, console: Console) -> Result<bool> {
    each_line(command, console, |_| {})
}

/// Like [`show`], and hands each line of stdout to `take` as well.
pub(crate) fn each_line(command: &mut Command, console: Console, mut take: impl FnMut(&str)) -> Result<bool> {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    let lines = lines_of(child.stdout.take());
    let mut ended: Option<Instant> = None;
    while ended.is_none_or(|ended| ended.elapsed() < GRACE) {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                take(&line);
                console.line(&line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if ended.is_none() => {
                ended = child.try_wait().map_err(|error| lost(&error))?.map(|_| system::now());
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    Ok(child.wait().map_err(|error| lost(&error))?.success())
}

/// Runs a program and gives what it printed. One that takes longer than `limit` is killed.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<Output> {
    let mut child = spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    // Both pipes are read at once: a program that fills the one that nobody reads would wait for ever.
    let stdout = lines_of(child.stdout.take());
    let stderr = lines_of(child.stderr.take());
    let status = wait_for(&mut child, limit)?;
    if status.is_none() {
        kill(&mut child);
    }
    Ok(Output { status, stdout: rest_of(&stdout), stderr: rest_of(&stderr) })
}

/// Runs a program that must end well, and gives its stdout.
pub(crate) fn read(command: &mut Command, limit: Duration, next: &str) -> Result<String> {
    let output = capture(command, limit)?;
    if output.is_success() {
        return Ok(output.stdout);
    }
    let how = if output.status.is_some() { "failed" } else { "took too long" };
    Err(Failure::new(format!("{} {how}:\n{}", describe(command), output.last_lines()), next))
}

/// Starts a program.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    command.spawn().map_err(|error| {
        let program = command.get_program().to_string_lossy();
        Failure::new(format!("cannot start {program}: {error}"), format!("install {program}, or put it on the PATH"))
    })
}

/// Waits for the end of a program, at most for `limit`.
pub(crate) fn wait_for(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = system::now();
    loop {
        let status = child.try_wait().map_err(|error| lost(&error))?;
        if status.is_some() || start.elapsed() > limit {
            return Ok(status);
        }
        std::thread::sleep(PATIENCE);
    }
}

/// Ends a program the hard way.
pub(crate) fn kill(child: &mut Child) {
    // An error here means that the program has ended by itself, which is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
}

/// The program and its arguments as a person would type them.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// The lines of a pipe, read on a thread of its own.
fn lines_of(pipe: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = pipe.into_iter().flat_map(|pipe| BufReader::new(pipe).split(b'\n'));
        for line in lines.map_while(std::result::Result::ok) {
            // Nobody may be waiting any more; the pipe is read all the same, so that its writer is not held up.
            let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
        }
    });
    receiver
}

/// What is left in a pipe after its program ended. A grandchild that lives on may hold the pipe open without end, so
/// silence counts as the end too.
fn rest_of(lines: &Receiver<String>) -> String {
    std::iter::from_fn(|| lines.recv_timeout(GRACE).ok()).map(|line| line + "\n").collect()
}

fn lost(error: &std::io::Error) -> Failure {
    Failure::new(format!("the end of a program cannot be waited for: {error}"), "run the command again")
}

#[cfg(test)]
mod tests;
