use super::*;
use crate::extra::Extra;

fn document(media_type: Option<&str>, name: Option<&str>, data: &str) -> Media {
    let [media_type, name] = [media_type, name].map(|text| text.map(str::to_owned));
    Media {
        kind: MediaKind::Document,
        source: Source::Base64(data.to_owned()),
        media_type,
        name,
        extra: Extra::default(),
    }
}

#[test]
fn documents_of_text_are_read() {
    let said = |media: &Media| media.words().map(Cow::into_owned);
    for media_type in
        ["text/plain", "text/csv; charset=utf-8", "application/json", "Application/LD+JSON", "text/x-rust"]
    {
        assert_eq!(said(&document(Some(media_type), None, "aGVsbG8=")).as_deref(), Some("hello"), "{media_type}");
    }
    assert_eq!(said(&document(None, Some("a.txt"), "aGVsbG8")).as_deref(), Some("hello"));
    let plain = Media { source: Source::Text("hello".to_owned()), ..document(None, None, "") };
    assert_eq!(said(&plain).as_deref(), Some("hello"));
}

#[test]
fn what_is_no_text_is_not_read() {
    let pdf = document(Some("application/pdf"), Some("a.txt"), "aGVsbG8=");
    let picture = Media { kind: MediaKind::Image, ..document(Some("text/plain"), None, "aGVsbG8=") };
    let elsewhere =
        Media { source: Source::Url("http://a/b.txt".to_owned()), ..document(Some("text/plain"), None, "") };
    let (unnamed, broken) = (document(None, None, "aGVsbG8="), document(Some("text/plain"), None, "a*"));
    let latin = document(Some("text/plain"), None, "/w==");
    for media in [pdf, picture, elsewhere, unnamed, broken, latin] {
        assert_eq!(media.words(), None, "{media:?}");
    }
}
