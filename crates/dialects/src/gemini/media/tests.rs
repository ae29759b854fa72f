use super::*;

#[test]
fn media_of_others_get_a_type_and_keep_their_place() {
    let cases = [
        (
            MediaKind::Image,
            Source::Base64("A".to_owned()),
            None,
            r#"{"inlineData":{"mimeType":"image/png","data":"A"}}"#,
            "",
        ),
        (
            MediaKind::Image,
            Source::Base64("A".to_owned()),
            Some("a.JPG"),
            r#"{"inlineData":{"mimeType":"image/jpeg","data":"A"}}"#,
            "media.name",
        ),
        (
            MediaKind::Image,
            Source::Url("https://x.y/a.webp?z=1".to_owned()),
            None,
            r#"{"fileData":{"mimeType":"image/webp","fileUri":"https://x.y/a.webp?z=1"}}"#,
            "",
        ),
        (
            MediaKind::Image,
            Source::Url("https://x.y/a".to_owned()),
            None,
            r#"{"fileData":{"fileUri":"https://x.y/a"}}"#,
            "",
        ),
        (MediaKind::Document, Source::File("gs://b/c".to_owned()), None, r#"{"fileData":{"fileUri":"gs://b/c"}}"#, ""),
        (MediaKind::Document, Source::File("file-abc".to_owned()), None, "", "media.file"),
        (MediaKind::Document, Source::Text("Hi".to_owned()), Some("a.txt"), r#"{"text":"Hi"}"#, "media.name"),
    ];
    for (kind, source, name, expected, lost) in cases {
        let media = Media { kind, source, media_type: None, name: name.map(str::to_owned), extra: Extra::default() };
        let mut losses = Losses::new();
        assert_eq!(write(&media, &mut losses).unwrap_or_default(), expected);
        assert_eq!(losses.to_string(), lost, "{expected}");
    }
}

#[test]
fn addresses_say_what_they_lead_to_and_whose_they_are() {
    let cases = [
        ("https://example.com/a.png", MediaKind::Image, true),
        ("https://www.youtube.com/watch?v=x", MediaKind::Video, true),
        ("https://generativelanguage.googleapis.com/v1beta/files/a", MediaKind::Document, false),
        ("gs://bucket/a.png", MediaKind::Document, false),
    ];
    for (address, kind, is_web) in cases {
        let text = format!(r#"{{"fileData":{{"fileUri":"{address}"}}}}"#);
        let mut part = Members::of(conversation::object::Object::read(&text).unwrap());
        let media = read(&mut part).unwrap().unwrap();
        assert_eq!((media.kind, matches!(media.source, Source::Url(_))), (kind, is_web), "{address}");
    }
}
