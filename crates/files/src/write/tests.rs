use crate::tests::Fixture;
use base::Code;
use serde_json::json;

#[test]
fn files_are_written() {
    let fixture = Fixture::new();
    for (path, content, mode, created, now) in [
        ("a.txt", "one", "overwrite", true, "one"),
        ("a.txt", "two", "overwrite", false, "two"),
        ("a.txt", "!\r\n", "append", false, "two!\r\n"),
        ("b.txt", "new", "append", true, "new"),
        ("c.txt", "größe", "create", true, "größe"),
        ("new/deep/d.txt", "", "create", true, ""),
        ("a.txt", "", "overwrite", false, ""),
    ] {
        let written = fixture.works("write_file", json!({"path": path, "content": content, "mode": mode}));
        assert_eq!(fixture.bytes(path), now.as_bytes(), "{path} {mode}");
        assert_eq!((&written["created"], &written["size"]), (&json!(created), &json!(now.len())), "{path} {mode}");
    }
    fixture.works("write_file", json!({"path": "plain.txt", "content": "default"}));
    assert_eq!(fixture.bytes("plain.txt"), b"default");
    let names: Vec<_> = std::fs::read_dir(fixture.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("tutti")), "nothing is left over: {names:?}");
}

#[test]
fn what_cannot_be_written_is_said_and_nothing_is_changed() {
    let fixture = Fixture::new();
    fixture.put("a.txt", "old").put("folder/b.txt", "old");
    for (arguments, code) in [
        (json!({"path": "a.txt", "content": "x", "mode": "create"}), Code::FileExists),
        (json!({"path": "folder", "content": "x"}), Code::FilesFailed),
        (json!({"path": ".", "content": "x"}), Code::FilesFailed),
        (json!({"path": "a.txt/b", "content": "x"}), Code::FilesNotFound),
        (json!({"path": "new/c.txt", "content": "x", "create_directories": false}), Code::FilesNotFound),
    ] {
        fixture.fails("write_file", arguments, code);
    }
    assert_eq!((fixture.bytes("a.txt"), fixture.path("new").exists()), (b"old".to_vec(), false));
}

#[test]
#[cfg(unix)]
fn permissions_are_kept_and_protection_is_respected() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new();
    fixture.put("script.sh", "old");
    let mode = |path: &str| std::fs::metadata(fixture.path(path)).unwrap().permissions().mode() & 0o7777;
    let set =
        |mode: u32| std::fs::set_permissions(fixture.path("script.sh"), std::fs::Permissions::from_mode(mode)).unwrap();
    set(0o4750);
    fixture.works("write_file", json!({"path": "script.sh", "content": "new"}));
    assert_eq!(mode("script.sh"), 0o750, "but not the right of another user");
    set(0o440);
    fixture.fails("write_file", json!({"path": "script.sh", "content": "newer"}), Code::FilesFailed);
    assert_eq!(fixture.bytes("script.sh"), b"new");
}
