use super::*;
use crate::dialect::Endpoint;
use crate::needs::Needs;
use conversation::Item;
use conversation::item::Source;
use conversation::request::{Format, Thinking};
use std::path::Path;

const DIALECTS: [(&str, Endpoint); 5] = [
    ("openai_chat", Endpoint::ChatCompletions),
    ("openai_responses", Endpoint::Responses),
    ("anthropic", Endpoint::Messages),
    ("gemini", Endpoint::GenerateContent),
    ("ollama", Endpoint::OllamaChat),
];

/// What a dialect reads in a request.
#[derive(Default)]
struct Read {
    media: Media,
    /// Parts that it keeps as they are.
    opaque: u64,
}

impl Read {
    fn take(&mut self, item: &Item) {
        match item {
            Item::Media(medium) => {
                let text = matches!(medium.source, Source::Text(_));
                // What only its name tells of is taken for nothing.
                let untold = medium.extra.dialect() == Some(Dialect::Gemini) && medium.media_type.is_none();
                match medium.kind {
                    MediaKind::Image => self.media.pictures = true,
                    MediaKind::Audio => self.media.sounds = true,
                    MediaKind::Document if !text && !untold => self.media.documents = true,
                    _ => {}
                }
                self.media.count += u64::from(medium.kind != MediaKind::Document || !text);
            }
            Item::ToolResult(result) => result.content.iter().for_each(|item| self.take(item)),
            Item::Opaque(_) => self.opaque += 1,
            _ => {}
        }
    }
}

fn read(endpoint: Endpoint, body: &str) -> (Needs, Media) {
    let index = Index::read(body).unwrap();
    (Needs::read(endpoint, body, &index), Media::of(endpoint.dialect(), body, &index))
}

#[test]
fn the_look_at_a_request_finds_what_its_dialect_reads() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dialects/golden");
    let (mut requests, mut with_media) = (0, 0);
    for (folder, endpoint) in DIALECTS {
        for entry in std::fs::read_dir(root.join(folder).join("requests")).unwrap() {
            let path = entry.unwrap().path();
            let body = base::disk::read_text(&path, 1 << 20).unwrap();
            let Ok(request) = dialects::read_request(endpoint.dialect(), &body, Some("m"), false) else { continue };
            let mut said = Read::default();
            request.turns.iter().flat_map(|turn| &turn.items).for_each(|item| said.take(item));
            let (needs, media) = read(endpoint, &body);
            let shown = path.display();
            // The quick look comes first, and must not miss what there is.
            assert_eq!((needs.vision, needs.audio), (media.pictures, media.sounds), "{shown}");
            assert_eq!(needs.documents, media.documents, "{shown}");
            if said.opaque == 0 {
                let kinds = |media: &Media| (media.pictures, media.sounds, media.documents, media.count);
                assert_eq!(kinds(&media), kinds(&said.media), "{shown}");
            } else {
                assert!(media.pictures >= said.media.pictures && media.sounds >= said.media.sounds, "{shown}");
                assert!(media.documents >= said.media.documents, "{shown}");
                let most = said.media.count + said.opaque;
                assert!((said.media.count..=most).contains(&media.count), "{shown}: {media:?}");
            }
            let schema = matches!(request.format, Some(Format::JsonSchema(_)));
            assert!(needs.json_schema || !schema, "{shown}");
            // How hard Claude tries is not only about thoughts.
            let by_measure = endpoint != Endpoint::Messages;
            let thinks = |thinking: &Thinking| {
                let measured = by_measure && (thinking.effort.is_some() || thinking.budget.is_some());
                !thinking.is_off() && (thinking.mode.is_some() || measured)
            };
            assert!(needs.reasoning || !request.thinking.as_ref().is_some_and(thinks), "{shown}");
            assert!(!needs.reasoning || request.thinking.is_some_and(|thinking| !thinking.is_off()), "{shown}");
            requests += 1;
            with_media += usize::from(media.count > 0);
        }
    }
    assert!(requests > 200 && with_media > 30, "{requests}, {with_media}");
}

#[test]
fn what_only_has_the_name_of_a_medium_is_none() {
    let tools = r#""tools":[{"type":"function","function":{"name":"image","parameters":{"properties":{"file":{"type":"string"},
        "image_url":{"type":"string"},"document":{"enum":["document","file","input_audio"]}}}}}]"#;
    let cases = [
        (Endpoint::ChatCompletions, format!(r#"{{{tools},"messages":[{{"role":"user","content":"file"}}]}}"#)),
        (
            Endpoint::ChatCompletions,
            r#"{"messages":[{"role":"assistant","tool_calls":[{"type":"function","function":{"name":"file","arguments":"{\"type\":\"file\"}"}}]}]}"#
                .to_owned(),
        ),
        (
            Endpoint::Messages,
            r#"{"messages":[{"role":"assistant","content":[{"type":"tool_use","name":"f","input":{"type":"image","content":[{"type":"image"}]}}]}]}"#
                .to_owned(),
        ),
        (
            Endpoint::GenerateContent,
            r#"{"contents":[{"parts":[{"functionCall":{"name":"f","args":{"inlineData":{"mimeType":"image/png"}}}}]}]}"#
                .to_owned(),
        ),
        (Endpoint::Messages, r#"{"messages":[{"content":[{"type":"document","source":{"type":"text","data":"x"}}]}]}"#.to_owned()),
    ];
    for (endpoint, body) in cases {
        assert_eq!(read(endpoint, &body).1, Media::default(), "{body}");
        let (needs, _) = read(endpoint, &body);
        assert_eq!([needs.vision, needs.audio, needs.documents], [false; 3], "{body}");
    }
}

#[test]
fn what_is_nested_for_ever_is_not_walked_for_ever() {
    let nested = |levels: usize| {
        let (open, close) = (r#"{"content":["#.repeat(levels), "]}".repeat(levels));
        let body = format!(r#"{{"messages":[{open}{{"type":"image"}}{close}]}}"#);
        read(Endpoint::Messages, &body).1.count
    };
    // A picture in a document in the result of a tool is the deepest that there is.
    let deepest = r#"{"messages":[{"content":[{"type":"tool_result","content":[{"type":"document","source":{"type":"content",
        "content":[{"type":"image","source":{"type":"url","url":"u"}}]}}]}]}]}"#;
    assert_eq!(read(Endpoint::Messages, deepest).1.count, 1);
    assert_eq!((nested(4), nested(100)), (1, 0));
}

#[test]
fn each_medium_counts_once() {
    let data = "iVBORw0KGgo".repeat(1_000);
    let chat = format!(
        r#"{{"messages":[{{"content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{data}"}}}}]}}]}}"#
    );
    let (needs, media) = read(Endpoint::ChatCompletions, &chat);
    let bytes = "data:image/png;base64,".len() as u64 + data.len() as u64;
    assert_eq!((media.count, media.bytes, media.usual), (1, bytes, PICTURE));
    let text = chat.len() as u64 - bytes;
    assert_eq!(needs.input, text / 4 + PICTURE);
    assert_eq!(needs.input_most, text + MEDIUM + bytes / BYTES_OF_MEDIUM);
    let placed = r#"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}]}"#;
    assert_eq!(read(Endpoint::ChatCompletions, placed).1.count, 1);
    // A long text without a blank beside a picture is text.
    let beside = format!(
        r#"{{"messages":[{{"content":[{{"type":"image_url","image_url":{{"url":"u"}}}},{{"type":"text","text":"{data}"}}]}}]}}"#
    );
    let (needs, media) = read(Endpoint::ChatCompletions, &beside);
    assert_eq!((media.bytes, needs.input_most), (0, beside.len() as u64 + MEDIUM));
}
