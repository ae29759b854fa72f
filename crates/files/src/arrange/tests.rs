use crate::tests::Fixture;
use base::Code;
use serde_json::json;

#[test]
fn folders_are_created() {
    let fixture = Fixture::new();
    for (path, created) in [("a/b/c", true), ("a/b/c", false), ("a", false), (".", false), ("a/d", true)] {
        assert_eq!(fixture.works("create_directory", json!({"path": path}))["created"], created, "{path}");
        assert!(fixture.path(path).is_dir());
    }
    fixture.put("file", "");
    fixture.fails("create_directory", json!({"path": "file"}), Code::FilesFailed);
    fixture.fails("create_directory", json!({"path": "file/a"}), Code::FilesNotFound);
}

#[test]
fn files_and_folders_are_moved_but_never_over_something() {
    let fixture = Fixture::new();
    fixture.put("a.txt", "a").put("folder/b.txt", "b").put("other/c.txt", "c");
    fixture.works("move_file", json!({"source": "a.txt", "destination": "folder/a2.txt"}));
    assert_eq!(fixture.bytes("folder/a2.txt"), b"a");
    fixture.works("move_file", json!({"source": "folder", "destination": "other/moved"}));
    assert_eq!(fixture.bytes("other/moved/b.txt"), b"b");
    for (source, destination, code) in [
        ("other/c.txt", "other/moved/b.txt", Code::FileExists),
        ("other/c.txt", "other/moved", Code::FileExists),
        ("other/c.txt", "other/c.txt", Code::FileExists),
        ("missing", "new", Code::FilesNotFound),
        ("other/c.txt", "missing/c.txt", Code::FilesNotFound),
        ("other", "other/moved/other", Code::FilesFailed),
        (".", "x", Code::FilesFailed),
        ("other", ".", Code::FilesFailed),
    ] {
        fixture.fails("move_file", json!({"source": source, "destination": destination}), code);
    }
    assert_eq!((fixture.bytes("other/c.txt"), fixture.bytes("other/moved/b.txt")), (b"c".to_vec(), b"b".to_vec()));
}

#[test]
fn files_and_empty_folders_are_deleted() {
    let fixture = Fixture::new();
    fixture.put("a.txt", "a").put("folder/b.txt", "b");
    assert_eq!(fixture.works("delete_file", json!({"path": "a.txt"}))["kind"], "file");
    fixture.fails("delete_file", json!({"path": "a.txt"}), Code::FilesNotFound);
    let text = fixture.fails("delete_file", json!({"path": "folder"}), Code::FilesFailed);
    assert!(text.contains("delete what is in the folder first"), "{text}");
    fixture.works("delete_file", json!({"path": "folder/b.txt"}));
    assert_eq!(fixture.works("delete_file", json!({"path": "folder/"}))["kind"], "directory");
    for path in [".", "", "folder/.."] {
        fixture.fails("delete_file", json!({"path": path}), Code::FilesFailed);
    }
    assert!(fixture.path("").exists());
}

#[test]
#[cfg(unix)]
fn links_themselves_are_moved_and_deleted() {
    let fixture = Fixture::new();
    fixture.put("real/a.txt", "a").link("real/a.txt", "link").link("real", "folder").link("nowhere", "broken");
    fixture.works("move_file", json!({"source": "link", "destination": "link2"}));
    for path in ["link2", "folder", "broken"] {
        assert_eq!(fixture.works("delete_file", json!({"path": path}))["kind"], "link", "{path}");
    }
    assert_eq!(fixture.bytes("real/a.txt"), b"a");
}
