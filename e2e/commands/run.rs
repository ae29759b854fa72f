//! Runs the binary as a person or a program does: in a folder, without a terminal, and far from other hubs.

use crate::harness::{Hub, Run, Setup, within};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// How wide help pages are where no terminal tells.
const COLUMNS: &str = "100";

/// What standard output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sink {
    /// Somebody reads it.
    Read,
    /// The reader has gone.
    Gone,
    /// A disk without room.
    Full,
}

/// A command that is about to be run.
pub(super) struct Order {
    arguments: Vec<String>,
    folder: PathBuf,
    environment: BTreeMap<String, String>,
    input: String,
    sink: Sink,
}

/// The binary under test.
pub(super) fn binary() -> PathBuf {
    let built = option_env!("CARGO_BIN_EXE_tutti").map(PathBuf::from);
    std::env::var_os("TUTTI_BINARY").map(PathBuf::from).or(built).expect("the binary under test is known")
}

/// A folder to run commands in. State and the files of clients lie apart from it, in `home`.
pub(super) fn desk() -> Setup {
    let setup = Setup::new();
    let home = setup.path_text("home");
    // Commands look for a hub at the default address, where a hub of whoever runs the tests may be. They leave it
    // alone when it says that it is of another folder; two of them are none that could be meant.
    std::fs::create_dir_all(setup.path("home/hubs")).expect("the folder of the test can be written");
    for number in [1, 2] {
        let elsewhere = json!({
            "url": "http://127.0.0.1:4747/mcp", "folder": format!("/nowhere/{number}"), "pid": std::process::id(),
        });
        put(&setup, &format!("home/hubs/elsewhere-{number}.json"), &elsewhere.to_string());
    }
    setup.environment("HOME", &home).environment("TUTTI_HOME", &home).environment("COLUMNS", COLUMNS)
}

/// Writes a file below the folder of the test.
pub(super) fn put(setup: &Setup, name: &str, text: &str) {
    let path = setup.path(name);
    std::fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
    std::fs::write(&path, text).expect("the folder of the test can be written");
}

impl Order {
    pub(super) fn new(setup: &Setup, arguments: &[&str]) -> Self {
        Self {
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            folder: setup.folder.path().to_owned(),
            environment: setup.environment.clone(),
            input: String::new(),
            sink: Sink::Read,
        }
    }

    #[must_use]
    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// What stands on standard input.
    #[must_use]
    pub(super) fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    #[must_use]
    pub(super) fn sink(mut self, sink: Sink) -> Self {
        self.sink = sink;
        self
    }

    /// The command, ready to be started.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command.args(&self.arguments).env_clear().envs(&self.environment).current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        match self.sink {
            Sink::Read => {}
            Sink::Gone => {
                let (_, writer) = std::io::pipe().expect("a pipe can be made");
                command.stdout(writer);
            }
            Sink::Full => {
                let file = std::fs::File::options().write(true).open("/dev/full");
                command.stdout(file.expect("there is /dev/full"));
            }
        }
        command
    }

    /// Runs it to its end.
    pub(super) async fn run(self) -> Run {
        finish(self.command(), &self.input, &format!("tutti {}", self.arguments.join(" "))).await
    }

    /// Has the lines of a program in Python start it, talk to it and interrupt it: `start(stdin=…)` starts it, with its standard
    /// output a pipe, and `interrupt(child)` is what Ctrl-C does. Gives how that program ended.
    pub(super) async fn driven(&self, lines: &str) -> Run {
        const BEGIN: &str = "import subprocess, sys, signal\n\
            def start(**how): return subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, **how)\n\
            def interrupt(child): child.send_signal(signal.SIGINT)\n";
        let mut python = Command::new("/usr/bin/python3");
        python.args(["-c", &format!("{BEGIN}{lines}")]).arg(binary()).args(&self.arguments);
        python.env_clear().envs(&self.environment).current_dir(&self.folder).kill_on_drop(true);
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        finish(python, "", &format!("a program around tutti {}", self.arguments.join(" "))).await
    }
}

/// Runs a command to its end.
pub(super) async fn finish(mut command: Command, input: &str, what: &str) -> Run {
    let work = async {
        let mut child = command.spawn().expect("the command can be started");
        // A command that does not read its input may have ended before this.
        let mut pipe = child.stdin.take().expect("its standard input is a pipe");
        let _ = pipe.write_all(input.as_bytes()).await;
        drop(pipe);
        child.wait_with_output().await.expect("the command can be waited for")
    };
    let output = within(&format!("the end of {what}"), work).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Run { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Runs the binary in the folder of the test.
pub(super) async fn run(setup: &Setup, arguments: &[&str]) -> Run {
    Order::new(setup, arguments).run().await
}

/// Runs a line on a terminal, with what a person types. `script` makes the terminal; nothing where it is not installed.
pub(super) async fn on_terminal(setup: &Setup, line: &str, environment: &[(&str, &str)], typed: &str) -> Option<Run> {
    const SCRIPT: &str = "/usr/bin/script";
    if !Path::new(SCRIPT).is_file() {
        eprintln!("`tutti {line}` is not run on a terminal: there is no {SCRIPT}");
        return None;
    }
    let mut command = Command::new(SCRIPT);
    let line = format!("'{}' {line}", binary().display());
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command.env_clear().envs(&setup.environment).env("TERM", "xterm").envs(environment.iter().copied());
    command.current_dir(setup.folder.path()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(finish(command, typed, &line).await)
}

/// The words of a line; `␣` is a space within a word.
pub(super) fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(|word| word.replace('␣', " ")).collect()
}

/// Runs the words of a line.
pub(super) async fn run_line(setup: &Setup, line: &str) -> Run {
    let words = words(line);
    run(setup, &words.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// `127.0.0.1:PORT` of a hub.
pub(super) fn address(hub: &Hub) -> String {
    let url = hub.url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/mcp"));
    url.expect("the address of the hub has this form").to_owned()
}
