use super::*;
use proptest::prelude::*;

fn texts(result: &ToolResult) -> Vec<String> {
    let text = |item: &Item| if let Item::Text(text) = item { text.text.clone() } else { format!("{item:?}") };
    result.content.iter().map(text).collect()
}

fn of(result: &str, limit: usize) -> (Vec<String>, bool, usize) {
    let (told, bytes) = told(Some("id".to_owned()), "tool".to_owned(), result, limit);
    assert_eq!((told.id.as_deref(), told.name.as_deref()), (Some("id"), Some("tool")));
    (texts(&told), told.is_error == Some(true), bytes)
}

#[test]
fn each_kind_of_content_is_told() {
    let table = [
        (r#"{"content":[{"type":"text","text":"a\nb"}]}"#, vec!["a\nb"], false),
        (r#"{"content":[{"type":"text","text":"no"}],"isError":true}"#, vec!["Error: no"], true),
        (r#"{"content":[],"structuredContent":{"sum":3}}"#, vec![r#"{"sum":3}"#], false),
        (r#"{"content":[]}"#, vec![NOTHING], false),
        ("{}", vec![NOTHING], false),
        (r#"{"content":[{"type":"resource","resource":{"uri":"file:///a","text":"inside"}}]}"#, vec!["inside"], false),
        (
            r#"{"content":[{"type":"resource","resource":{"uri":"file:///a","blob":"AAAA"}}]}"#,
            vec!["[a file: file:///a]"],
            false,
        ),
        (r#"{"content":[{"type":"resource_link","name":"a","uri":"file:///a"}]}"#, vec!["a: file:///a"], false),
    ];
    for (result, expected, failed) in table {
        let (told, is_error, _) = of(result, 1000);
        assert_eq!((told, is_error), (expected.iter().map(|text| (*text).to_owned()).collect(), failed), "{result}");
    }
    let (told, _) =
        told(None, "t".to_owned(), r#"{"content":[{"type":"image","data":"AAAA","mimeType":"image/png"}]}"#, 100);
    let Item::Media(media) = &told.content[0] else { panic!("{told:?}") };
    assert_eq!((media.kind, media.media_type.as_deref()), (MediaKind::Image, Some("image/png")));
}

#[test]
fn a40_a_result_above_the_limit_is_cut_and_says_so() {
    let long = format!(r#"{{"content":[{{"type":"text","text":"{}"}}]}}"#, "é".repeat(100));
    let (told, _, bytes) = of(&long, 51);
    assert_eq!(bytes, 50, "no character is cut in two");
    assert_eq!(told[1], "[150 more bytes of this result were left out]");
    let picture = format!(r#"{{"content":[{{"type":"image","data":"{}","mimeType":"image/png"}}]}}"#, "A".repeat(100));
    assert_eq!(of(&picture, 51).0, ["[100 more bytes of this result were left out]"]);
}

proptest! {
    #[test]
    fn a40_no_result_is_told_beyond_its_limit(parts in prop::collection::vec(".{0,60}", 0..6), limit in 0usize..200) {
        let parts: Vec<String> = parts.iter().map(|text| format!(r#"{{"type":"text","text":{}}}"#, raw::quote(text))).collect();
        let (told, _, bytes) = of(&format!(r#"{{"content":[{}]}}"#, parts.join(",")), limit);
        prop_assert!(bytes <= limit);
        prop_assert!(told.iter().map(String::len).sum::<usize>() <= bytes + 80);
    }
}
