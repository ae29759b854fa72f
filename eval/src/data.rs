//! A set: tools, and questions with the tools that answer them.

use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use tools::catalogue::Item;

/// Tools and questions about them.
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) tools: Vec<Tool>,
    pub(crate) queries: Vec<Query>,
}

/// A line of `tools.jsonl`.
pub(crate) struct Tool {
    /// What queries name it by. Tools of one name on different servers may share it.
    pub(crate) key: String,
    pub(crate) server: String,
    /// The tool as its server would list it.
    pub(crate) item: Item,
}

/// A line of `queries.jsonl`.
pub(crate) struct Query {
    pub(crate) text: String,
    /// Keys of the tools that answer it.
    pub(crate) relevant: Vec<String>,
}

/// Whether a folder holds a set.
fn is_set(folder: &Path) -> bool {
    folder.join("queries.jsonl").is_file()
}

/// The folders in `folder` that hold a set, by name; itself, where it does.
///
/// # Errors
/// It cannot be read, or holds none: a measurement without what was to be measured looks like one of it.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if is_set(folder) {
        return Ok(vec![folder.to_owned()]);
    }
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| is_set(path)).collect();
    if folders.is_empty() {
        return Err(format!("{} holds no set: a folder with tools.jsonl and queries.jsonl", folder.display()));
    }
    folders.sort();
    Ok(folders)
}

impl Set {
    /// Reads the set in `folder`, whose last part is its name.
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let tools = lines(&folder.join("tools.jsonl"), tool)?;
        let queries = lines(&folder.join("queries.jsonl"), query)?;
        Ok(Self { name, tools, queries })
    }
}

/// The files of lines of JSON in `folder`, by name.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let named = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jsonl");
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(named).collect();
    files.sort();
    Ok(files)
}

/// Each line of a file as JSON, taken by `take`.
pub(crate) fn lines<T>(path: &Path, take: fn(&Value) -> Option<T>) -> Result<Vec<T>, String> {
    let text = read(path)?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let wrong = |why: &str| format!("{}:{}: {why}", path.display(), at + 1);
            let value: Value = serde_json::from_str(line).map_err(|error| wrong(&error.to_string()))?;
            take(&value).ok_or_else(|| wrong("a member is missing"))
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "data of many megabytes, which the product's own reader refuses")]
fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn tool(value: &Value) -> Option<Tool> {
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    let parameter = |value: &Value| {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        (text("name"), json!({"description": text("description")}))
    };
    let properties: Map<String, Value> = value["params"].as_array().into_iter().flatten().map(parameter).collect();
    let name = value["name"].as_str()?.to_owned();
    let definition = json!({
        "name": name, "description": text("description"),
        "inputSchema": {"type": "object", "properties": properties},
    });
    Some(Tool {
        key: value["key"].as_str()?.to_owned(),
        server: text("server").to_owned(),
        item: Item { key: name, json: definition.to_string() },
    })
}

fn query(value: &Value) -> Option<Query> {
    let relevant = value["relevant"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Some(Query { text: value["query"].as_str()?.to_owned(), relevant })
}
