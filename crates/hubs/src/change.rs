//! A change to files of the user: shown, asked for, made.

mod hidden;

use console::diff;
pub use console::diff::{Line, unified};

use crate::context::Context;
use base::{Code, Error, Result, disk};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Output, Style, clean};
use hidden::Hidden;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The largest file that is changed, in bytes.
pub const LIMIT: u64 = 4 << 20;

/// A file as it is and as it is to be.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// What it says; nothing where there is none.
    pub before: Option<String>,
    /// What it is to say.
    pub after: String,
    /// Whether its lines are `NAME=value` with values that nobody may see.
    pub secret: bool,
}

/// Whether to make a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Only show it.
    DryRun,
    /// Show it and make it.
    Given,
    /// Make it.
    Silent,
    /// Ask first.
    Ask,
}

/// The options that say whether a change is made.
pub fn options() -> [Arg; 2] {
    [dry_run(), Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help("Do not ask")]
}

/// The option that only shows a change.
pub fn dry_run() -> Arg {
    Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Show what would be written, and write nothing")
}

impl Consent {
    /// As [`options`] say.
    pub fn of(matches: &ArgMatches) -> Self {
        if matches.get_flag("dry-run") {
            Consent::DryRun
        } else if matches.get_flag("yes") {
            Consent::Given
        } else {
            Consent::Ask
        }
    }

    /// As [`dry_run`] says, for commands that do not ask.
    pub fn unless_dry(matches: &ArgMatches) -> Self {
        if matches.get_flag("dry-run") { Consent::DryRun } else { Consent::Given }
    }
}

impl Change {
    /// A change to a text that may be shown.
    pub fn new(path: PathBuf, before: Option<String>, after: String) -> Self {
        Self { path, before, after, secret: false }
    }

    /// Whether the file says already what it should.
    pub fn changes_nothing(&self) -> bool {
        self.before.as_deref() == Some(self.after.as_str())
    }

    /// The difference in unified form.
    fn lines(&self) -> Vec<(Style, String)> {
        let path = self.path.display();
        let old = if self.before.is_some() { format!("--- {path}") } else { "--- /dev/null".to_owned() };
        let mut lines = vec![(Style::Strong, old), (Style::Strong, format!("+++ {path}"))];
        let (before, after) = (self.before.as_deref().unwrap_or_default(), self.after.as_str());
        let hidden = Hidden::of(&self.path, [before, after]);
        for line in diff::unified(before, after, if self.secret { 0 } else { diff::CONTEXT }) {
            let style = match line.mark {
                '+' => Style::Good,
                '-' => Style::Bad,
                ' ' => Style::Plain,
                _ => Style::Faint,
            };
            let is_line = matches!(line.mark, '+' | '-' | ' ');
            let text = if self.secret && is_line { masked(&line.text) } else { hidden.mask(&line.text) };
            // A file can hold what would move the cursor; only how it looks is shown.
            let text = clean(text.trim_end_matches('\r')).replace('\n', " ");
            lines.push((style, if line.mark == '@' { text } else { format!("{}{text}", line.mark) }));
        }
        lines
    }

    fn text(&self) -> String {
        self.lines().into_iter().map(|(_, line)| line + "\n").collect()
    }

    fn write(&self) -> Result<()> {
        if disk::read_text_if_exists(&self.path, LIMIT)? != self.before {
            let message =
                format!("{} was changed by somebody else meanwhile, so it was not written", self.path.display());
            return Err(Error::new(Code::Disk, message, "run the command again"));
        }
        // Where the file is a link, what it points to is replaced and not the link.
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        disk::write_atomic(&path, &self.after, self.secret && self.before.is_none())
    }
}

/// `NAME=value` without its value.
fn masked(line: &str) -> String {
    match line.split_once('=') {
        Some((name, _)) if !line.trim_start().starts_with('#') => format!("{name}=…"),
        _ => line.to_owned(),
    }
}

/// Shows the changes and makes them if that is wanted. Answers whether they were made; files that say already what they
/// should are left out.
pub fn make(context: &Context, changes: &[Change], consent: Consent) -> Result<bool> {
    let output = &context.output;
    let changes: Vec<&Change> = changes.iter().filter(|change| !change.changes_nothing()).collect();
    let paths: Vec<String> = changes.iter().map(|change| short(context, &change.path)).collect();
    let paths = paths.join(" and ");
    match consent {
        Consent::DryRun => {
            if !output.json {
                show(&changes, |style, line| output.line(&output.paint(style, line)));
            }
            return Ok(false);
        }
        Consent::Silent => {}
        // The difference is in the data then.
        Consent::Given if output.json => {}
        Consent::Given => show(&changes, |style, line| output.message(&output.paint_message(style, line))),
        Consent::Ask if changes.is_empty() => {}
        Consent::Ask => {
            if !output.can_ask() {
                let message =
                    format!("{paths} would be changed, and nobody can be asked: standard input is no terminal");
                return Err(Error::new(Code::Usage, message, "look at the change with --dry-run, then say --yes"));
            }
            show(&changes, |style, line| output.say(&output.paint_message(style, line)));
            if !output.ask(&format!("Write {paths}?")) {
                output.message("nothing was written");
                return Ok(false);
            }
        }
    }
    for change in changes {
        change.write()?;
    }
    Ok(true)
}

fn show(changes: &[&Change], mut line: impl FnMut(Style, &str)) {
    for change in changes {
        change.lines().iter().for_each(|(style, text)| line(*style, text));
    }
}

/// The changes for a program: each file with its difference.
pub fn to_json(changes: &[Change]) -> Value {
    let file = |change: &Change| json!({"path": change.path, "diff": change.text()});
    changes.iter().filter(|change| !change.changes_nothing()).map(file).collect()
}

/// How messages name a file: short where it lies below the working directory.
pub fn short(context: &Context, path: &Path) -> String {
    path.strip_prefix(context.environment.working_directory()).unwrap_or(path).display().to_string()
}

/// Says which files were written.
pub fn tell_written(context: &Context, changes: &[Change]) {
    let output: &Output = &context.output;
    for change in changes.iter().filter(|change| !change.changes_nothing()) {
        let verb = if change.before.is_some() { "changed" } else { "wrote" };
        output.message(&format!("{} {}", output.paint_message(Style::Good, verb), short(context, &change.path)));
    }
}

#[cfg(test)]
mod tests;
