use super::{End, Measure, cut, pruned};
use context::tokens::Family;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

fn plain(family: Family) -> Measure<'static> {
    Measure { family, around: &|text: &str| text.to_owned() }
}

#[test]
fn a_cut_text_says_which_end_is_missing() {
    let text = "one two three four five six seven eight nine ten ".repeat(40);
    let tail = cut(&text, End::Tail, 40, &plain(Family::Any)).unwrap();
    assert!(tail.text.starts_with("one two") && tail.text.ends_with("[… the rest is left out]"), "{}", tail.text);
    let head = cut(&text, End::Head, 40, &plain(Family::Any)).unwrap();
    assert!(head.text.starts_with("[the beginning is left out …]") && head.text.ends_with("ten "), "{}", head.text);
    assert!(tail.tokens <= 40 && tail.tokens > 25, "{}", tail.tokens);
    assert_eq!(cut(&text, End::Tail, 3, &plain(Family::Any)), None);
}

#[test]
fn pruned_json_is_json_and_tells_what_is_missing() {
    let items: Vec<Value> = (0..50).map(|number| json!({"id": number, "text": "word ".repeat(60)})).collect();
    let whole = json!({"items": items, "more": true});
    let fitted = pruned(&whole, 200, &plain(Family::O200k)).unwrap();
    assert!(fitted.tokens <= 200, "{}", fitted.tokens);
    let value: Value = serde_json::from_str(&fitted.text).unwrap();
    let left = value["items"].as_array().unwrap();
    assert_eq!(left.last().unwrap(), &json!(format!("… {} more", 50 - (left.len() - 1))));
    assert_eq!(pruned(&whole, 3, &plain(Family::O200k)), None);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = proptest::prop_oneof![".{0,200}".prop_map(Value::from), any::<i64>().prop_map(Value::from)];
    leaf.prop_recursive(4, 60, 12, |inner| {
        proptest::prop_oneof![
            proptest::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
            proptest::collection::vec(("[a-z]{1,6}", inner), 0..12)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_that_fits_is_above_the_limit(value in value(), text in ".{0,2000}", most in 0_usize..300) {
        for measure in [plain(Family::Any), Measure { family: Family::Any, around: &|text| format!("<<{text}>>") }] {
            let fitted = [
                cut(&text, End::Head, most, &measure),
                cut(&text, End::Tail, most, &measure),
                pruned(&value, most, &measure),
            ];
            for fitted in fitted.into_iter().flatten() {
                prop_assert!(fitted.tokens <= most);
                prop_assert_eq!(fitted.tokens, measure.family.count(&fitted.text).tokens);
            }
        }
    }
}
