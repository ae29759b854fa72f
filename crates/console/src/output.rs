//! What a person and what a program sees. Data goes to standard output, messages to standard error; colour only where a
//! person looks.

use base::environment::Environment;
use base::{Code, Error};
use clap::ArgMatches;
use serde_json::Value;
use std::io::{BufRead as _, ErrorKind, IsTerminal as _, Read as _, Write as _};
use std::sync::{Arc, OnceLock};

mod drawing;
mod table;
mod terminal;

pub use drawing::Drawing;
pub use table::Table;
pub use terminal::{clean, cut, cut_to_columns, one_line, width};

/// How to print.
#[derive(Debug, Clone)]
pub struct Output {
    /// Whether data is printed as JSON.
    pub json: bool,
    quiet: bool,
    /// Whether the terminal can only write on, not over.
    dumb: bool,
    color_out: bool,
    color_error: bool,
    /// Why data could not be written, shared by all that print.
    lost: Arc<OnceLock<String>>,
    /// The log, once it was started.
    log: Arc<OnceLock<telemetry::log::Handle>>,
}

/// What a piece of text means, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No colour.
    Plain,
    /// A heading or a name.
    Strong,
    /// Beside the point.
    Faint,
    /// It works.
    Good,
    /// It needs a look.
    Warn,
    /// It does not work.
    Bad,
}

impl Output {
    /// As the options and the terminal say. `NO_COLOR` is https://no-color.org.
    pub fn new(matches: &ArgMatches, environment: &Environment) -> Self {
        let when = matches.get_one::<String>("color").map_or("auto", String::as_str);
        let dumb = environment.get("TERM") == Some("dumb");
        let off = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty());
        let decide = |terminal: bool| match when {
            "always" => true,
            "never" => false,
            _ => terminal && !off && !dumb,
        };
        Self {
            json: matches.get_flag("json"),
            quiet: matches.get_flag("quiet"),
            dumb,
            color_out: decide(std::io::stdout().is_terminal()),
            color_error: decide(std::io::stderr().is_terminal()),
            lost: Arc::default(),
            log: Arc::default(),
        }
    }

    /// The same, with options that came later.
    #[must_use]
    pub fn with(&self, json: bool, quiet: bool) -> Self {
        Self { json: self.json || json, quiet: self.quiet || quiet, ..self.clone() }
    }

    /// Without options: for faults before there are any.
    pub fn plain() -> Self {
        Self {
            json: false,
            quiet: false,
            dumb: true,
            color_out: false,
            color_error: false,
            lost: Arc::default(),
            log: Arc::default(),
        }
    }

    /// Sends log records to standard error. `TUTTI_LOG` chooses them, as `RUST_LOG` does elsewhere.
    pub fn start_log(&self, environment: &Environment) {
        self.log.get_or_init(|| telemetry::log::start(environment, self.color_error));
    }

    /// Has the log written as the configuration says.
    pub fn set_log(&self, log: &telemetry::log::Log) {
        if let Some(handle) = self.log.get() {
            handle.apply(log);
        }
    }

    /// A line of data. A reader that has gone is no fault.
    pub fn line(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        if let Some(error) = written.err().filter(|error| error.kind() != ErrorKind::BrokenPipe) {
            self.lost.get_or_init(|| error.to_string());
        }
    }

    /// A piece of a line of data, without what a terminal would act on. A reader that has gone is no fault.
    pub fn piece(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(clean(text).as_bytes()).and_then(|()| out.flush());
        if let Some(error) = written.err().filter(|error| error.kind() != ErrorKind::BrokenPipe) {
            self.lost.get_or_init(|| error.to_string());
        }
    }

    /// The error of data that could not be written. A disk can be full; nobody may take half of it for the whole.
    pub fn lost(&self) -> Option<Error> {
        let why = self.lost.get()?;
        let message = format!("standard output could not be written: {why}");
        Some(Error::new(Code::Disk, message, "make room, or write to another place"))
    }

    /// Data as JSON: on one line, so that it can be read line by line.
    pub fn value(&self, value: &Value) {
        self.line(&terminal::inert(&value.to_string()));
    }

    /// A message beside the data.
    pub fn message(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr(), "{text}");
        }
    }

    /// A message that is shown even where messages are not wanted, because a question about it follows.
    pub fn say(&self, text: &str) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Whether a person is there who can be asked.
    pub fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question that is answered with yes or no; an empty answer is a yes, no answer at all a no.
    pub fn ask(&self, question: &str) -> bool {
        let _ = write!(std::io::stderr(), "{} [Y/n] ", self.paint_message(Style::Strong, question));
        let mut answer = String::new();
        let read = std::io::stdin().lock().take(1 << 10).read_line(&mut answer).unwrap_or(0);
        read > 0 && matches!(answer.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes")
    }

    /// Says what is to be typed, on the line where it will be.
    pub fn ask_for(&self, what: &str) {
        let _ = write!(std::io::stderr(), "{}", self.paint_message(Style::Strong, what));
    }

    /// A line that tells how far something is; the next one takes its place, an empty one takes it away. Only where a
    /// person looks.
    pub fn progress(&self, text: &str) {
        if let Some(width) = terminal::width_of_messages().filter(|_| !self.quiet) {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r{}\u{1b}[K", cut(text, width.saturating_sub(1))).and_then(|()| out.flush());
        }
    }

    /// Text on standard output in a colour.
    pub fn paint(&self, style: Style, text: &str) -> String {
        paint(self.color_out, style, text)
    }

    /// Text on standard error in a colour.
    pub fn paint_message(&self, style: Style, text: &str) -> String {
        paint(self.color_error, style, text)
    }

    /// Errors: as JSON on standard output where JSON was asked for, for people on standard error.
    pub fn failures(&self, errors: &[Error]) {
        if self.json {
            let all: Vec<Value> = errors.iter().map(Error::to_json).collect();
            let first = all.first().cloned().unwrap_or_default();
            return self.value(&serde_json::json!({"error": first, "errors": all}));
        }
        self.complaints(errors);
    }

    /// Errors that do not end the command: always for people on standard error.
    pub fn complaints(&self, errors: &[Error]) {
        let mut out = std::io::stderr().lock();
        for error in errors {
            let place = error.location().map(|place| format!("{place}: ")).unwrap_or_default();
            let code = self.paint_message(Style::Bad, error.code().id());
            let _ = writeln!(out, "{code} {place}{}", error.message());
            for line in error.detail().into_iter().flat_map(str::lines) {
                let _ = writeln!(out, "  {} {line}", self.paint_message(Style::Faint, "|"));
            }
            let _ = writeln!(out, "  {} {}", self.paint_message(Style::Strong, "next:"), error.next());
        }
    }
}

fn paint(color: bool, style: Style, text: &str) -> String {
    let code = match style {
        Style::Plain => return text.to_owned(),
        Style::Strong => "1",
        Style::Faint => "2",
        Style::Good => "32",
        Style::Warn => "33",
        Style::Bad => "31",
    };
    if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
