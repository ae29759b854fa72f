//! The fixture of all tests of `files`, and the tests of the upstream as a whole.

mod escapes;
mod limits;
mod races;
mod validate;

use super::limits::Limits;
use super::{Files, Options};
use base::Code;
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use tempfile::TempDir;

/// What stands in the file outside, and must never come out.
pub(super) const SECRET: &str = "the secret of the file outside";

/// A folder `root` that is served, beside a folder `outside` that is not.
pub(super) struct Fixture {
    pub(super) folder: TempDir,
    pub(super) files: Files,
}

impl Fixture {
    /// With tools that write.
    pub(super) fn new() -> Self {
        Fixture::with(true, Limits::default())
    }

    pub(super) fn read_only() -> Self {
        Fixture::with(false, Limits::default())
    }

    pub(super) fn with(write: bool, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir(&root).unwrap();
        let files = Files::with_limits(Options { root, write }, limits).unwrap();
        let fixture = Fixture { folder, files };
        fixture.put("../outside/secret.txt", SECRET);
        fixture
    }

    /// The path of something in the served folder.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("root").join(path)
    }

    /// Puts a file there, with the folders above it.
    pub(super) fn put(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(content.as_ref()).unwrap();
        self
    }

    pub(super) fn bytes(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.path(path)).unwrap()
    }

    #[cfg(unix)]
    pub(super) fn link(&self, target: impl AsRef<std::path::Path>, path: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.path(path)).unwrap();
        self
    }

    /// The whole result of a call, which must be what the tool's schema says.
    pub(super) fn call(&self, tool: &str, arguments: Value) -> Value {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let result = self.files.call(tool, &arguments).unwrap();
        let definition = super::TOOLS.iter().find(|known| known.name == tool).map(super::schema::definition).unwrap();
        validate::check(&definition["outputSchema"], &result["structuredContent"]);
        assert!(result["content"].as_array().is_some_and(|blocks| !blocks.is_empty()), "{result}");
        result
    }

    /// The data of a call that works.
    #[track_caller]
    pub(super) fn works(&self, tool: &str, arguments: Value) -> Value {
        let mut result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{result}");
        result["structuredContent"].take()
    }

    /// The text of a call that works.
    #[track_caller]
    pub(super) fn text(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], false, "{result}");
        let blocks = result["content"].as_array().unwrap();
        blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The message of a call that fails with this code.
    #[track_caller]
    pub(super) fn fails(&self, tool: &str, arguments: Value, code: Code) -> String {
        let shown = arguments.to_string().chars().take(200).collect::<String>();
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{tool} {shown}: {result}");
        assert_eq!(result["structuredContent"]["code"], code.id(), "{tool} {shown}: {result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(text.starts_with(code.id()) && text.contains("Next: "), "{text}");
        text.to_owned()
    }
}

/// All files below a folder with what they are and hold, to see that nothing changed.
pub(super) fn snapshot(folder: &std::path::Path) -> Vec<String> {
    let mut out = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
            let modified = metadata.modified().unwrap();
            out.push(format!(
                "{path:?} {:?} {modified:?} {:?}",
                metadata.permissions(),
                base::random::sha256(&content)
            ));
            if metadata.is_dir() {
                waiting.push(path);
            }
        }
    }
    out
}

#[test]
fn tools_are_defined_as_clients_want_them() {
    let fixture = Fixture::new();
    let tools = fixture.files.tools();
    assert_eq!(tools.len(), 10);
    for tool in &tools {
        let name = tool["name"].as_str().unwrap();
        assert!(name.chars().all(|character| character.is_ascii_lowercase() || character == '_'));
        assert!(tool["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(tool["description"].as_str().is_some_and(|text| (40..400).contains(&text.len())), "{name}");
        let input = &tool["inputSchema"];
        assert_eq!((&input["type"], &input["additionalProperties"]), (&json!("object"), &json!(false)));
        for (argument, property) in input["properties"].as_object().unwrap() {
            assert!(property["type"].is_string() && property["description"].is_string(), "{name}.{argument}");
        }
        for required in input["required"].as_array().into_iter().flatten() {
            assert!(input["properties"][required.as_str().unwrap()].is_object());
        }
        let output = &tool["outputSchema"];
        assert_eq!(output["type"], "object");
        for required in output["anyOf"][0]["required"].as_array().unwrap() {
            assert!(output["properties"][required.as_str().unwrap()].is_object(), "{name}: {required}");
        }
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(tool["annotations"][hint].is_boolean());
        }
        assert_eq!(tool["annotations"]["openWorldHint"], false);
    }
    assert_eq!(tools, fixture.files.tools(), "the order is stable");
}

#[test]
fn describe_says_what_it_is() {
    let described = Fixture::read_only().files.describe();
    assert_eq!(described["serverInfo"]["name"], "files");
    assert!(described["capabilities"]["tools"].is_object());
    assert!(described["instructions"].as_str().is_some_and(|text| text.contains("read-only")));
}

#[test]
fn an_unknown_tool_is_an_error_with_the_nearest_name() {
    let error = Fixture::new().files.call("read_flie", &serde_json::Map::new()).unwrap_err();
    assert_eq!(error.code(), Code::UnknownTool);
    assert!(error.next().contains("`read_file`"), "{error}");
    let error = Fixture::new().files.call(&"x".repeat(1_000_000), &serde_json::Map::new()).unwrap_err();
    assert!(error.message().len() < 200);
}

#[test]
fn a_root_that_cannot_be_served_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    File::create(folder.path().join("file")).unwrap();
    for (name, code) in [("missing", Code::FilesNotFound), ("file", Code::FilesFailed)] {
        let root = folder.path().join(name);
        assert_eq!(Files::open(Options { root, write: false }).err().map(|error| error.code()), Some(code), "{name}");
    }
}

#[test]
#[cfg(unix)]
fn a_root_that_was_deleted_is_told_apart_from_a_wrong_path() {
    let fixture = Fixture::new();
    std::fs::remove_dir(fixture.path("")).unwrap();
    let text = fixture.fails("read_file", json!({"path": "a"}), Code::FilesFailed);
    assert!(text.contains("was deleted"), "{text}");
}

#[test]
fn a52_read_only_tools_never_write() {
    let fixture = Fixture::read_only();
    fixture.put("a.txt", "one\ntwo\n").put("folder/b.txt", "three").put("folder/empty", "");
    let before = snapshot(fixture.folder.path());
    let tools = fixture.files.tools();
    assert_eq!(tools.len(), 5, "tools that write are not listed");
    let paths = ["a.txt", "folder", ".", "folder/empty", "new", "new/b", "../outside/secret.txt", "a.txt/x", ""];
    for tool in &tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        for path in paths {
            fixture.call(
                tool["name"].as_str().unwrap(),
                match tool["name"].as_str().unwrap() {
                    "search_files" => json!({"path": path, "pattern": "o"}),
                    "find_files" => json!({"path": path, "glob": "*"}),
                    _ => json!({"path": path}),
                },
            );
        }
    }
    for (tool, arguments) in [
        ("write_file", json!({"path": "new", "content": "x"})),
        ("write_file", json!({"path": "a.txt", "content": "x", "mode": "append"})),
        ("edit_file", json!({"path": "a.txt", "old": "one", "new": "x"})),
        ("create_directory", json!({"path": "new"})),
        ("move_file", json!({"source": "a.txt", "destination": "c.txt"})),
        ("delete_file", json!({"path": "a.txt"})),
        ("delete_file", json!({})),
    ] {
        fixture.fails(tool, arguments, Code::FilesReadOnly);
    }
    assert_eq!(snapshot(fixture.folder.path()), before);
}
