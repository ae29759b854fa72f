use super::*;

#[test]
fn an_object_gives_its_members_by_name_and_keeps_the_rest() {
    let text = r#" {"a":"x","b":null,"c":1.10,"d":[1, {"e":2}],"\u0066":true,"g":{"h":1}} "#;
    let mut object = Object::read(text).unwrap();
    assert_eq!(object.text("a").unwrap().as_deref(), Some("x"));
    assert_eq!(object.text("b").unwrap(), None);
    assert_eq!(object.number("c").unwrap().unwrap().as_str(), "1.10");
    assert_eq!(object.array("d").unwrap().unwrap(), ["1", r#"{"e":2}"#]);
    assert_eq!(object.flag("f").unwrap(), Some(true));
    assert_eq!(object.flag("g").unwrap_err().to_string(), "`g` is neither true nor false");
    let extra = object.rest(Dialect::OpenAiChat);
    assert_eq!(extra.unknown().map(|(name, _)| name).collect::<Vec<_>>(), ["g"]);
    assert_eq!(extra.noted(Dialect::OpenAiChat, "b"), Some("null"));
}

#[test]
fn what_is_wrong_is_refused_and_what_is_lenient_is_kept() {
    for text in ["", "[]", "1", "{\"a\":1,\"a\":2}", "{\"a\":1} x", "{"] {
        assert!(Object::read(text).is_err(), "{text}");
    }
    let mut object = Object::read_leniently(r#"{"a":{"b":1}}"#).unwrap();
    let mut inner = object.object("a").unwrap().unwrap();
    assert_eq!(inner.text("b").unwrap(), None);
    assert_eq!(inner.rest(Dialect::OpenAiChat).unknown().count(), 1);
}
