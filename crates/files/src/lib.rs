//! The upstream `files`: a folder of this machine as tools to list, read, search and, if asked for, write.
//!
//! What keeps a call inside the folder is described in `folder.rs`.

mod answer;
mod arrange;
mod edit;
mod failure;
mod find;
mod folder;
mod info;
mod limits;
mod lines;
mod list;
mod matching;
mod media;
mod pattern;
mod place;
mod private;
mod read;
mod schema;
mod search;
mod target;
mod tool;
mod walk;
mod words;
mod write;

use base::{Code, Error, Result};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// In the order in which `tools/list` shows them.
const TOOLS: [tool::Tool; 10] = [
    list::TOOL,
    read::TOOL,
    search::TOOL,
    find::TOOL,
    info::TOOL,
    write::TOOL,
    edit::TOOL,
    arrange::CREATE_DIRECTORY,
    arrange::MOVE_FILE,
    arrange::DELETE_FILE,
];

/// What to serve, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder beneath which everything stays.
    pub root: PathBuf,
    /// Whether there are tools that write.
    pub write: bool,
}

/// A folder of this machine as an upstream.
pub struct Files {
    folder: folder::Folder,
    write: bool,
    /// Two edits at once would both read the old file, and the first to be written would be lost.
    writing: Mutex<()>,
}

impl Files {
    /// Opens the folder. The handle is kept: when another folder takes its name later, the first is still served.
    pub fn open(options: Options) -> Result<Files> {
        Files::with_limits(options, limits::Limits::default())
    }

    fn with_limits(options: Options, limits: limits::Limits) -> Result<Files> {
        let Options { root, write } = options;
        let folder = folder::Folder::open(&root, limits)?;
        Ok(Files { folder, write, writing: Mutex::new(()) })
    }

    /// The `serverInfo`, `capabilities` and `instructions` that `initialize` would answer.
    pub fn describe(&self) -> Value {
        let can = if self.write { "list, read, search and write" } else { "list, read and search (read-only)" };
        json!({
            "serverInfo": {"name": "files", "title": "Files", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {"tools": {"listChanged": false}},
            "instructions": format!(
                "Tools to {can} the files in the folder {}. Paths are relative to it, with `/`; `.` is the folder \
                 itself. Nothing outside it can be reached.",
                self.folder.shown()
            ),
        })
    }

    /// The tool definitions, as `tools/list` has them, in a stable order.
    pub fn tools(&self) -> Vec<Value> {
        self.listed().map(schema::definition).collect()
    }

    /// Calls a tool and answers the `CallToolResult` object. It blocks.
    ///
    /// A failure of the tool itself (not found, outside the root, wrong arguments) is a result with `isError: true`
    /// whose text starts with the error code and whose `structuredContent` is [`base::Error::to_json`]: a model reads
    /// it and tries again. `Err` is only for a tool that does not exist.
    pub fn call(&self, tool: &str, arguments: &Map<String, Value>) -> Result<Value> {
        let Some(known) = TOOLS.iter().find(|known| known.name == tool) else {
            let shown: String = words::one_line(tool).chars().take(64).collect();
            let meant = words::nearest(tool, self.listed().map(|known| known.name));
            let next = meant.map_or("see tools/list".to_owned(), |name| format!("did you mean `{name}`?"));
            return Err(Error::new(Code::UnknownTool, format!("there is no tool `{shown}`"), next));
        };
        Ok(self.run(known, arguments).map_or_else(|error| answer::failed(&error), answer::Answer::into_json))
    }

    fn listed(&self) -> impl Iterator<Item = &'static tool::Tool> + Clone + use<> {
        let write = self.write;
        const { &TOOLS }.iter().filter(move |tool| write || tool.effect == tool::Effect::Reads)
    }

    fn run(&self, tool: &tool::Tool, given: &Map<String, Value>) -> Result<answer::Answer> {
        let reads = tool.effect == tool::Effect::Reads;
        if !reads && !self.write {
            let message = format!("the folder is served read-only, so `{}` is not done", tool.name);
            let next = "ask the user to switch writing on for this server, or to make the change";
            return Err(Error::new(Code::FilesReadOnly, message, next));
        }
        let arguments = tool::Arguments::check(tool, given)?;
        // The lock guards no data, so that one thread that panicked does not spoil it.
        let _one_at_a_time = (!reads).then(|| self.writing.lock().unwrap_or_else(PoisonError::into_inner));
        (tool.run)(&self.folder, &arguments).map_err(|error| self.explain(error))
    }

    /// In a folder that was deleted nothing is found, whatever the path.
    fn explain(&self, error: Error) -> Error {
        if error.code() != Code::FilesNotFound || !self.folder.is_gone() {
            return error;
        }
        let message = "the folder that is served was deleted, or made anew, since Tutti opened it";
        Error::new(Code::FilesFailed, message, "ask the user to restart Tutti or to reload its configuration")
    }
}

#[cfg(test)]
mod tests;
