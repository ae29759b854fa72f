use super::*;
use engine::Limits;

const TINY: &[u8] = include_bytes!("../../../../tiny/data/tiny.gguf");

#[test]
fn texts_come_alone_or_in_lists() {
    let model = Model::load(TINY.to_vec(), Limits::default()).unwrap();
    let one = texts(r#"{"model":"tiny","input":"red fox"}"#, &model).unwrap();
    let two = texts(r#"{"model":"tiny","input":["red fox","owl"],"dimensions":64}"#, &model).unwrap();
    assert_eq!((one.len(), two.len()), (1, 2));
    assert_eq!(one[0], two[0]);
}

#[test]
fn other_forms_are_refused() {
    let model = Model::load(TINY.to_vec(), Limits::default()).unwrap();
    let many = json!({"input": vec!["a"; MOST + 1]}).to_string();
    let cases = [
        "",
        "[]",
        r#"{"input":[]}"#,
        r#"{"input":[1,2]}"#,
        r#"{"input":"a","encoding_format":"base64"}"#,
        r#"{"input":"a","dimensions":32}"#,
        &many,
    ];
    for case in cases {
        assert!(texts(case, &model).is_err(), "{case:.40}");
    }
}
