use super::super::Meter;
use crate::dialect::Endpoint::{self, *};
use mcp::raw::{Index, Object};
use model::Units;

/// Input, output, sound that was read; pictures, milliseconds, searches.
fn told(endpoint: Endpoint, text: &str) -> ([Option<u64>; 3], [u64; 3]) {
    let mut meter = Meter::of(endpoint);
    meter.whole(&Object::of(text, Index::read(text).unwrap_or_default()));
    let (usage, units) = (meter.told().clone(), meter.units(Units::default()));
    ([usage.input, usage.output, usage.audio_input], [units.images, units.milliseconds, units.searches])
}

#[test]
fn each_provider_tells_in_its_own_words() {
    let cases = [
        (
            ImageGenerations,
            r#"{"created":1,"data":[{"b64_json":"aa"},{"b64_json":"bb"}],"usage":{"input_tokens":50,"input_tokens_details":{"image_tokens":40,"text_tokens":10},"output_tokens":4160,"total_tokens":4210}}"#,
            ([Some(50), Some(4160), None], [2, 0, 0]),
        ),
        (ImageEdits, r#"{"data":[{"url":"https://x/y.png"}]}"#, ([None; 3], [1, 0, 0])),
        (
            Transcriptions,
            r#"{"text":"Hi","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":0,"audio_tokens":14},"output_tokens":45,"total_tokens":59}}"#,
            ([Some(14), Some(45), Some(14)], [0, 0, 0]),
        ),
        (Transcriptions, r#"{"text":"Hi","usage":{"type":"duration","seconds":9}}"#, ([None; 3], [0, 9_000, 0])),
        (Transcriptions, r#"{"text":"Hi","duration":2.5,"language":"english"}"#, ([None; 3], [0, 2_500, 0])),
        (Transcriptions, r#"{"text":"Hi","duration":-1}"#, ([None; 3], [0, 0, 0])),
        (Transcriptions, r#"{"text":"Hi","duration":1e400}"#, ([None; 3], [0, 0, 0])),
        (Rerank, r#"{"results":[],"usage":{"total_tokens":26}}"#, ([Some(26), None, None], [0, 0, 0])),
        (Rerank, r#"{"results":[],"usage":{"prompt_tokens":9,"total_tokens":9}}"#, ([Some(9), None, None], [0, 0, 0])),
        (RerankV2, r#"{"results":[],"meta":{"billed_units":{"search_units":3}}}"#, ([None; 3], [0, 0, 3])),
        (
            Completions,
            r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7,"total_tokens":12}}"#,
            ([Some(5), Some(7), None], [0, 0, 0]),
        ),
    ];
    for (endpoint, text, expected) in cases {
        assert_eq!(told(endpoint, text), expected, "{text}");
    }
}

#[test]
fn what_is_not_told_is_what_was_asked() {
    let asked = Units { images: 4, milliseconds: 7, characters: 12, searches: 2, ..Units::default() };
    let mut meter = Meter::of(ImageGenerations);
    assert_eq!(meter.units(asked), asked);
    meter.event(&Object::read(r#"{"type":"image_generation.partial_image"}"#).unwrap(), true);
    meter.event(
        &Object::read(r#"{"type":"image_generation.completed","usage":{"input_tokens":1,"output_tokens":2}}"#).unwrap(),
        true,
    );
    assert_eq!(meter.units(asked), Units { images: 1, ..asked });
    assert_eq!(meter.taken(0, true).0.output, Some(2));
}
