//! Ways out of the folder, each with each tool: no byte comes from outside, and none gets there.

use super::{Fixture, SECRET, snapshot};
use base::Code;
use serde_json::{Value, json};

/// Every tool with `path`, as a reader or a writer would call it.
fn calls(path: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("list_directory", json!({"path": path})),
        ("list_directory", json!({"path": path, "recursive": true, "include_ignored": true})),
        ("read_file", json!({"path": path})),
        ("search_files", json!({"path": path, "pattern": "."})),
        ("find_files", json!({"path": path, "glob": "**"})),
        ("file_info", json!({"path": path})),
        ("write_file", json!({"path": path, "content": "x"})),
        ("write_file", json!({"path": path, "content": "x", "mode": "append"})),
        ("write_file", json!({"path": path, "content": "x", "mode": "create", "create_directories": false})),
        ("edit_file", json!({"path": path, "old": "secret", "new": "x"})),
        ("create_directory", json!({"path": path})),
        ("move_file", json!({"source": path, "destination": "stolen"})),
        ("move_file", json!({"source": "bait", "destination": path})),
        ("delete_file", json!({"path": path})),
    ]
}

fn assert_no_way(fixture: &Fixture, path: &str, code: Code) {
    for (tool, arguments) in calls(path) {
        let result = fixture.call(tool, arguments);
        assert!(!result.to_string().contains(SECRET), "{tool} {path}: {result}");
        assert_eq!(result["structuredContent"]["code"], code.id(), "{tool} {path}: {result}");
    }
}

#[test]
fn a32_paths_that_lead_out_by_their_text_are_refused() {
    let fixture = Fixture::new();
    fixture.put("bait", "bait").put("folder/a.txt", "a");
    let before = snapshot(fixture.folder.path());
    let outside = fixture.folder.path().join("outside/secret.txt").display().to_string();
    let through_root = fixture.path("../outside/secret.txt").display().to_string();
    let beside = format!("{}-beside/secret.txt", fixture.path("").display().to_string().trim_end_matches('/'));
    let paths = [
        "..",
        "../",
        "../outside/secret.txt",
        "./../outside/secret.txt",
        "folder/../../outside/secret.txt",
        "folder/../../root/../outside/secret.txt",
        "a/b/c/../../../../outside",
        "missing/../../outside/secret.txt",
        "folder/./.././../outside/secret.txt",
        "//../outside",
        "/",
        "/..",
        "/etc/passwd",
        "/proc/self/root/etc/passwd",
        &outside,
        &through_root,
        &beside,
    ];
    for path in paths {
        assert_no_way(&fixture, path, Code::FilesOutsideRoot);
    }
    assert_eq!(snapshot(fixture.folder.path()), before);
}

#[test]
fn a32_encoded_and_foreign_spellings_are_only_names() {
    let fixture = Fixture::read_only();
    for path in [
        "%2e%2e/outside/secret.txt",
        "..%2foutside/secret.txt",
        "~/secret",
        "$HOME",
        "..\u{2215}outside",
        "...",
        "file:///etc/passwd",
    ] {
        fixture.fails("read_file", json!({"path": path}), Code::FilesNotFound);
    }
    #[cfg(unix)]
    fixture.fails("read_file", json!({"path": "..\\outside\\secret.txt"}), Code::FilesNotFound);
}

#[test]
fn a32_hard_paths_are_refused_before_the_system_sees_them() {
    let fixture = Fixture::new();
    fixture.put("bait", "bait");
    let before = snapshot(fixture.folder.path());
    let many_names = "a/".repeat(200);
    for path in ["a\0b", "\0", "bait\0.txt", &"a".repeat(256), &"é".repeat(128), &many_names, &"/a".repeat(2040)] {
        for (tool, arguments) in calls(path) {
            let result = fixture.call(tool, arguments);
            assert_eq!(result["isError"], true, "{tool} {path:?}: {result}");
        }
    }
    fixture.fails("read_file", json!({"path": "bait\0"}), Code::InvalidParams);
    fixture.fails("read_file", json!({"path": "a".repeat(256)}), Code::InvalidParams);
    fixture.fails("read_file", json!({"path": many_names}), Code::InvalidParams);
    fixture.fails("read_file", json!({"path": "a/".repeat(3000)}), Code::FilesTooLarge);
    assert_eq!(snapshot(fixture.folder.path()), before);
}

#[test]
fn absolute_paths_within_the_root_are_taken() {
    let fixture = Fixture::new();
    fixture.put("folder/a.txt", "inside");
    for path in ["folder/a.txt", "folder/../folder/a.txt", "../root/folder/./a.txt", "folder//a.txt"] {
        let path = fixture.path(path).display().to_string();
        assert_eq!(fixture.works("read_file", json!({"path": path}))["text"], "inside");
    }
    let root = fixture.path("").display().to_string();
    assert_eq!(fixture.works("list_directory", json!({"path": root}))["path"], ".");
    assert_eq!(fixture.works("list_directory", json!({"path": ""}))["path"], ".");
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::path::Path;

    #[test]
    fn a32_links_that_lead_out_are_not_followed() {
        let fixture = Fixture::new();
        fixture.put("bait", "bait").put("folder/a.txt", "a");
        let outside = fixture.folder.path().join("outside");
        fixture.link("../outside", "relative").link(&outside, "absolute").link("relative", "to-link");
        fixture.link("../../outside", "folder/deep").link("folder/../..", "up").link("/", "top");
        fixture.link("/proc/self/root", "magic").link("/proc/self/cwd/..", "magic-up");
        let before = snapshot(&outside);
        for link in ["relative", "absolute", "to-link", "folder/deep", "up/outside"] {
            let path = format!("{link}/secret.txt");
            for (tool, arguments) in calls(&path) {
                let result = fixture.call(tool, arguments);
                assert!(!result.to_string().contains(SECRET), "{tool} {path}: {result}");
                assert_eq!(result["isError"], true, "{tool} {path}: {result}");
            }
        }
        for path in ["relative/secret.txt", "absolute/secret.txt", "to-link/secret.txt", "folder/deep/secret.txt"] {
            assert_no_way(&fixture, path, Code::FilesOutsideRoot);
        }
        for path in ["top/etc/passwd", "magic/etc/passwd", "magic-up/x"] {
            fixture.fails("read_file", json!({"path": path}), Code::FilesOutsideRoot);
        }
        assert_eq!(snapshot(&outside), before);
        assert_eq!(fixture.bytes("bait"), b"bait");
    }

    #[test]
    fn a32_a_file_behind_a_link_that_leads_out_is_neither_read_nor_written() {
        let fixture = Fixture::new();
        let secret = fixture.folder.path().join("outside/secret.txt");
        fixture.put("bait", "bait").link("../outside/secret.txt", "relative").link(&secret, "absolute");
        fixture.link("../outside/new.txt", "dangling").link("relative", "twice");
        let before = snapshot(&fixture.folder.path().join("outside"));
        for path in ["relative", "absolute", "twice", "dangling"] {
            for (tool, arguments) in calls(path) {
                // These three are about the link itself, which is inside.
                if !["file_info", "move_file", "delete_file"].contains(&tool) {
                    let result = fixture.call(tool, arguments);
                    let code = Code::FilesOutsideRoot.id();
                    assert_eq!(result["structuredContent"]["code"], code, "{tool} {path}: {result}");
                }
            }
        }
        let info = fixture.works("file_info", json!({"path": "absolute"}));
        assert_eq!((&info["kind"], &info["link"]["usable"]), (&json!("link"), &json!(false)));
        assert!(info["link"]["size"].is_null(), "nothing is told of what is outside");
        fixture.works("move_file", json!({"source": "relative", "destination": "moved"}));
        fixture.fails("read_file", json!({"path": "moved"}), Code::FilesOutsideRoot);
        fixture.works("delete_file", json!({"path": "moved"}));
        assert_eq!(snapshot(&fixture.folder.path().join("outside")), before);
    }

    #[test]
    fn links_that_stay_inside_work() {
        let fixture = Fixture::new();
        fixture.put("real/deep/a.txt", "inside");
        fixture.link("real", "relative").link(fixture.path("real"), "absolute");
        fixture.link("../real/deep", "real/round").link("relative", "twice").link("absolute/deep", "mixed");
        fixture.link(fixture.path("real/deep/a.txt"), "file").link("file", "file-twice");
        let places = [
            "relative/deep/a.txt",
            "absolute/deep/a.txt",
            "real/round/a.txt",
            "twice/deep/a.txt",
            "mixed/a.txt",
            "file",
            "file-twice",
        ];
        for path in places {
            assert_eq!(fixture.works("read_file", json!({"path": path}))["text"], "inside", "{path}");
            let found = fixture.works("search_files", json!({"path": path, "pattern": "side"}));
            assert_eq!(found["matches"][0]["column"], 3, "{path}");
        }
        assert_eq!(fixture.works("list_directory", json!({"path": "absolute"}))["entries"][0]["path"], "absolute/deep");
        for (number, path) in places.iter().enumerate() {
            let content = format!("changed {number}");
            fixture.works("write_file", json!({"path": path, "content": content}));
            assert_eq!(fixture.bytes("real/deep/a.txt"), content.as_bytes(), "{path}");
            fixture.works("edit_file", json!({"path": path, "old": "changed", "new": "edited"}));
            fixture.works("write_file", json!({"path": path, "content": "!", "mode": "append"}));
            assert_eq!(fixture.bytes("real/deep/a.txt"), format!("edited {number}!").as_bytes(), "{path}");
        }
        assert!(std::fs::symlink_metadata(fixture.path("file")).unwrap().is_symlink(), "the link itself stays");
        fixture.works("write_file", json!({"path": "absolute/new/b.txt", "content": "b"}));
        assert_eq!(fixture.bytes("real/new/b.txt"), b"b");
    }

    #[test]
    fn links_in_a_circle_end() {
        let fixture = Fixture::new();
        fixture.link("b", "a").link("a", "b").link(".", "self").link("self/self/loop", "loop");
        for (tool, arguments) in calls("a/x") {
            if !arguments.to_string().contains("bait") {
                assert_eq!(fixture.call(tool, arguments)["isError"], true, "{tool}");
            }
        }
        fixture.fails("read_file", json!({"path": "loop"}), Code::FilesFailed);
        fixture.fails("write_file", json!({"path": "loop", "content": ""}), Code::FilesFailed);
        let found = fixture.works("find_files", json!({"glob": "**"}));
        assert_eq!(found["files"].as_array().map(Vec::len), Some(4), "links are not walked into");
    }

    #[test]
    fn a32_a_hard_link_is_a_file_like_any_other_but_is_not_appended_to() {
        // It cannot be told from a file that was always here; who made the link could read the file anyhow. What can
        // be done is not to write through it: the other name keeps its content.
        let fixture = Fixture::new();
        std::fs::hard_link(fixture.folder.path().join("outside/secret.txt"), fixture.path("hard")).unwrap();
        assert_eq!(fixture.works("read_file", json!({"path": "hard"}))["text"], SECRET);
        fixture.fails("write_file", json!({"path": "hard", "content": "x", "mode": "append"}), Code::FilesFailed);
        fixture.works("edit_file", json!({"path": "hard", "old": "secret", "new": "x"}));
        fixture.works("write_file", json!({"path": "hard", "content": "x"}));
        assert_eq!(fixture.bytes("../outside/secret.txt"), SECRET.as_bytes());
    }

    #[test]
    fn pipes_sockets_and_devices_are_refused_at_once() {
        let fixture = Fixture::new();
        assert!(std::process::Command::new("mkfifo").arg(fixture.path("pipe")).status().unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(fixture.path("socket")).unwrap();
        fixture.link("pipe", "to-pipe").put("bait", "bait");
        let started = base::clock::now();
        for path in ["pipe", "socket", "to-pipe"] {
            for tool in ["read_file", "list_directory"] {
                assert_eq!(fixture.call(tool, json!({"path": path}))["isError"], true, "{tool} {path}");
            }
            fixture.fails("read_file", json!({"path": path}), Code::FilesFailed);
            for mode in ["create", "overwrite", "append"] {
                let arguments = json!({"path": path, "content": "x", "mode": mode});
                fixture.fails("write_file", arguments, Code::FilesFailed);
            }
            fixture.fails("edit_file", json!({"path": path, "old": "a", "new": "b"}), Code::FilesFailed);
        }
        fixture.fails("delete_file", json!({"path": "pipe"}), Code::FilesFailed);
        let found = fixture.works("search_files", json!({"pattern": "bait"}));
        assert_eq!(found["files_searched"], 1);
        let listed = fixture.works("list_directory", json!({}));
        assert_eq!(listed["entries"][1]["kind"], "other");
        assert!(started.elapsed().as_secs() < 5, "nothing waited for the other end");
    }

    #[test]
    fn a_device_in_the_root_is_not_read() {
        let files = super::super::Files::open(super::super::Options { root: "/dev".into(), write: false }).unwrap();
        for path in ["zero", "null", "tty", "random"].iter().filter(|path| Path::new("/dev").join(path).exists()) {
            let arguments = json!({"path": path});
            let result = files.call("read_file", arguments.as_object().unwrap()).unwrap();
            assert_eq!(result["structuredContent"]["code"], Code::FilesFailed.id(), "{path}");
        }
    }
}
