use super::*;
use Endpoint::{Completions, ImageGenerations, Rerank, Speech, Transcriptions};

#[test]
fn what_is_asked_is_counted() {
    let of = |endpoint, body: &str| units(endpoint, body, (3, 16_000), false);
    let none = Units::default();
    assert_eq!(of(ImageGenerations, "{}"), Units { images: 3, ..none });
    assert_eq!(of(Speech, r#"{"input":"\u00e4 b"}"#), Units { characters: 3, ..none });
    assert_eq!(of(Transcriptions, ""), Units { milliseconds: 2_000, ..none });
    assert_eq!(of(Rerank, r#"{"documents":["a","b",{"text":"c"}]}"#), Units { searches: 1, ..none });
    let many = format!(r#"{{"documents":[{}"x"]}}"#, "\"x\",".repeat(100));
    assert_eq!(of(Rerank, &many), Units { searches: 2, ..none });
    assert_eq!(of(Completions, "{}"), none);
}

#[test]
fn the_most_is_never_less() {
    for endpoint in [ImageGenerations, Speech, Transcriptions, Rerank] {
        let body = r#"{"input":"x","documents":["a","b"]}"#;
        let [usual, most] = [false, true].map(|most| units(endpoint, body, (1, 99_999), most));
        assert!(most.milliseconds >= usual.milliseconds && most.searches >= usual.searches, "{endpoint:?}");
        assert_eq!((most.images, most.characters), (usual.images, usual.characters));
    }
}

#[test]
fn how_much_may_be_written_is_known_but_for_transcripts() {
    assert_eq!(needs(Completions, r#"{"max_tokens":7,"prompt":"x","tools":[1]}"#).max_output, Some(7));
    assert_eq!(needs(Completions, "{}").max_output, None);
    assert_eq!(needs(Rerank, "{}").max_output, Some(0));
    assert_eq!(needs(ImageGenerations, "{}").max_output, Some(PICTURE));
    assert_eq!(needs(Transcriptions, "{}").max_output, None);
    let plain = needs(Rerank, r#"{"documents":["an \"image_url\"","tools"],"image_url":1}"#);
    assert!(!plain.vision && !plain.tools && !plain.documents && !plain.beyond);
}
