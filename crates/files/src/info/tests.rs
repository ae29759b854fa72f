use crate::tests::Fixture;
use base::Code;
use serde_json::json;

#[test]
fn what_is_known_is_told() {
    let fixture = Fixture::read_only();
    fixture.put("folder/a.txt", "12345");
    let info = fixture.works("file_info", json!({"path": "folder/a.txt"}));
    assert_eq!((&info["kind"], &info["size"], &info["write_protected"]), (&json!("file"), &json!(5), &json!(false)));
    for path in ["folder", "."] {
        let info = fixture.works("file_info", json!({"path": path}));
        assert_eq!((&info["kind"], &info["size"], &info["path"]), (&json!("directory"), &json!(null), &json!(path)));
    }
    let text = fixture.text("file_info", json!({"path": "folder/a.txt"}));
    assert!(text.starts_with("path: folder/a.txt\nkind: file\nsize: 5\nmodified: 2"), "{text}");
    fixture.fails("file_info", json!({"path": "missing"}), Code::FilesNotFound);
}

#[test]
#[cfg(unix)]
fn links_are_told_with_what_they_lead_to() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::read_only();
    fixture.put("a.txt", "12345").link("a.txt", "good").link("missing", "broken").link("../outside", "out");
    fixture.link(fixture.path("a.txt"), "absolute");
    std::fs::set_permissions(fixture.path("a.txt"), std::fs::Permissions::from_mode(0o440)).unwrap();
    for (path, usable) in [("good", true), ("absolute", true), ("broken", false), ("out", false)] {
        let info = fixture.works("file_info", json!({"path": path}));
        assert_eq!((&info["kind"], &info["link"]["usable"]), (&json!("link"), &json!(usable)), "{path}");
        assert_eq!(info["link"]["size"], if usable { json!(5) } else { json!(null) }, "{path}");
    }
    let info = fixture.works("file_info", json!({"path": "a.txt"}));
    assert_eq!((&info["permissions"], &info["write_protected"]), (&json!("0440"), &json!(true)));
}
