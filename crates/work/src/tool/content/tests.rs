use super::Part::{Note, Text};
use super::{parts, text};
use serde_json::json;

#[test]
fn every_kind_of_content_is_shown_and_none_obeyed() {
    let result = json!({"content": [
        {"type": "text", "text": "two\nlines\n"},
        {"type": "text", "text": "\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}[31mred\u{202e}"},
        {"type": "image", "mimeType": "image/png", "data": "AAAAAA=="},
        {"type": "audio", "mimeType": "audio/\u{1b}[31mwav", "data": "AAAA"},
        {"type": "resource_link", "uri": "tutti://files/file:///a", "name": "a\nb"},
        {"type": "resource", "resource": {"uri": "tutti://files/x", "mimeType": "text/plain", "text": "grüße"}},
        {"type": "resource", "resource": {"uri": "tutti://files/y", "blob": "AAECAw=="}},
        {"type": "hologram"},
        {"type": "text"},
        17,
    ], "structuredContent": {"secret": true}});
    let expected = vec![
        Text("two\nlines".to_owned()),
        Text("red".to_owned()),
        Note("[image, image/png, 4B]".to_owned()),
        Note("[audio, audio/wav, 3B]".to_owned()),
        Note("[link, tutti://files/file:///a, a b]".to_owned()),
        Note("[resource, tutti://files/x, text/plain, 7B]".to_owned()),
        Note("[resource, tutti://files/y, 4B]".to_owned()),
        Note("[hologram]".to_owned()),
        Text(String::new()),
        Note("[?]".to_owned()),
    ];
    assert_eq!(parts(&result), expected);
}

#[test]
fn a_result_without_content_has_no_parts() {
    for result in [json!({}), json!({"content": "text"}), json!({"content": []}), json!(null)] {
        assert_eq!(parts(&result), []);
        assert_eq!(text(&result), "");
    }
}
