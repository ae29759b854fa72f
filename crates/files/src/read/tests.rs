use crate::limits::{ANSWER_BYTES, BINARY_BYTES};
use crate::tests::Fixture;
use base::Code;
use serde_json::json;

#[test]
fn text_comes_as_it_is() {
    let fixture = Fixture::read_only();
    for (name, text) in [
        ("plain", "one\ntwo\n"),
        ("crlf", "one\r\ntwo\r\n"),
        ("no-end", "one\ntwo"),
        ("unicode", "größe 漢字 🦀\n"),
        ("bom", "\u{feff}one\n"),
        ("controls", "a\tb\u{1b}[0m\u{7f}\n"),
    ] {
        fixture.put(name, text);
        let read = fixture.works("read_file", json!({"path": name}));
        assert_eq!((read["text"].as_str(), read["kind"].as_str()), (Some(text), Some("text")), "{name}");
        assert_eq!(read["total_lines"], text.lines().count() as u64, "{name}");
        assert!(read["modified"].as_str().is_some_and(|time| time.ends_with('Z')));
        assert_eq!(fixture.call("read_file", json!({"path": name}))["content"].as_array().unwrap().len(), 1, "no note");
    }
    assert!(fixture.put("empty", "").text("read_file", json!({"path": "empty"})).contains("is empty"));
}

#[test]
fn a_part_of_a_file_says_where_to_go_on() {
    let fixture = Fixture::read_only();
    let text: String = (1..=5_000).map(|number| format!("line {number}\n")).collect();
    fixture.put("long.txt", &text);
    let read = fixture.works("read_file", json!({"path": "long.txt"}));
    assert_eq!(
        (&read["line_count"], &read["total_lines"], &read["next_offset"]),
        (&json!(2000), &json!(5000), &json!(2001))
    );
    let (mut offset, mut all) = (json!(1), String::new());
    while !offset.is_null() {
        let read = fixture.works("read_file", json!({"path": "long.txt", "offset": offset, "limit": 777}));
        all.push_str(read["text"].as_str().unwrap());
        offset = read["next_offset"].clone();
    }
    assert_eq!(all, text);
    let note = fixture.text("read_file", json!({"path": "long.txt", "offset": 10, "limit": 2}));
    assert_eq!(note, "line 10\nline 11\n\n[lines 10 to 11 of 5000 are given; go on with offset 12]");
    let failed = fixture.fails("read_file", json!({"path": "long.txt", "offset": 5_001}), Code::InvalidParams);
    assert!(failed.contains("only 5000 lines"), "{failed}");
}

#[test]
fn a_big_file_is_cut() {
    let fixture = Fixture::read_only();
    fixture.put("big.txt", "0123456789\n".repeat(3_000_000));
    let read = fixture.works("read_file", json!({"path": "big.txt", "limit": 20_000}));
    assert!(read["text"].as_str().unwrap().len() <= ANSWER_BYTES && read["next_offset"] == 20_001);
    assert!(read["total_lines"].is_null(), "too large to be counted");
    let read = fixture.works("read_file", json!({"path": "big.txt", "offset": 2_999_999}));
    assert_eq!((&read["line_count"], &read["next_offset"]), (&json!(2), &json!(null)));
    fixture.put("one-line.txt", "x".repeat(2 * ANSWER_BYTES));
    let read = fixture.works("read_file", json!({"path": "one-line.txt"}));
    assert_eq!(read["text"].as_str().unwrap().len(), ANSWER_BYTES);
    assert!(read["notes"][0].as_str().unwrap().contains("is cut") && read["next_offset"].is_null());
}

#[test]
fn what_is_no_utf8_is_read_with_a_note() {
    let fixture = Fixture::read_only();
    fixture.put("latin.txt", b"Gr\xfc\xdfe\n");
    let read = fixture.works("read_file", json!({"path": "latin.txt"}));
    assert_eq!(read["text"], "Gr\u{fffd}\u{fffd}e\n");
    assert!(read["notes"][0].as_str().unwrap().contains("not UTF-8"));
}

#[test]
fn images_and_binary_files_come_as_base64() {
    let fixture = Fixture::read_only();
    fixture
        .put("a.png", b"\x89PNG\r\n\x1a\nrest")
        .put("folder/b c.bin", b"\x00\x01\x02")
        .put("late", ["a".repeat(5000).as_bytes(), b"\0"].concat());
    let image = fixture.call("read_file", json!({"path": "a.png"}));
    assert_eq!(image["content"][0], json!({"type": "image", "data": "iVBORw0KGgpyZXN0", "mimeType": "image/png"}));
    assert_eq!(image["structuredContent"]["kind"], "image");
    let binary = fixture.call("read_file", json!({"path": "folder/b c.bin"}));
    let resource = json!({"uri": "files:///folder/b%20c.bin", "mimeType": "application/octet-stream", "blob": "AAEC"});
    assert_eq!(binary["content"][0], json!({"type": "resource", "resource": resource}));
    assert_eq!(fixture.works("read_file", json!({"path": "late"}))["kind"], "binary");
    fixture.put("large.bin", vec![0; BINARY_BYTES as usize]);
    assert_eq!(fixture.works("read_file", json!({"path": "large.bin"}))["size"], BINARY_BYTES);
    fixture.put("larger.bin", vec![0; BINARY_BYTES as usize + 1]);
    fixture.fails("read_file", json!({"path": "larger.bin"}), Code::FilesTooLarge);
}

#[test]
fn what_cannot_be_read_is_said() {
    let fixture = Fixture::read_only();
    fixture.put("folder/a.txt", "a");
    for (path, code, expected) in [
        ("missing", Code::FilesNotFound, "there is no file or folder `missing`"),
        ("folder/a.txt/b", Code::FilesNotFound, "a file where a folder is needed"),
        ("folder", Code::FilesFailed, "is a folder, not a file"),
        (".", Code::FilesFailed, "is a folder, not a file"),
        ("a\nb", Code::FilesNotFound, "`a\\nb`"),
    ] {
        let text = fixture.fails("read_file", json!({"path": path}), code);
        assert!(text.contains(expected), "{path}: {text}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn files_that_say_they_are_empty_are_read() {
    use crate::{Files, Options};
    let files = Files::open(Options { root: "/proc/self".into(), write: false }).unwrap();
    let arguments = json!({"path": "status"});
    let read = files.call("read_file", arguments.as_object().unwrap()).unwrap();
    assert!(read["structuredContent"]["text"].as_str().is_some_and(|text| text.contains("Name:")), "{read}");
}
