use super::*;
use crate::object::Object;

#[test]
fn unknown_members_come_back_in_their_own_dialect_and_are_lost_in_others() {
    let mut extra = Object::read(r#"{"a":1,"b":{"c":[null]},"e":[]}"#).unwrap().rest(Dialect::OpenAiChat);
    extra.keep_inner("choice", Object::read(r#"{"logprobs":1}"#).unwrap().rest(Dialect::OpenAiChat));
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    extra.write(Dialect::OpenAiChat, "request", &mut out, &mut losses);
    assert_eq!((out.finish().as_str(), losses.to_string().as_str()), (r#"{"a":1,"b":{"c":[null]},"e":[]}"#, ""));
    let mut out = ObjectWriter::new();
    extra.write_shared(Dialect::OpenAiResponses, (Dialect::OpenAiChat, &["a"]), "request", &mut out, &mut losses);
    assert_eq!(out.finish(), r#"{"a":1}"#);
    assert_eq!(losses.to_string(), "request.b, request.choice.logprobs");
}

#[test]
fn a_null_comes_back_unless_something_else_was_written() {
    let mut object = Object::read(r#"{"a":null,"b":null}"#).unwrap();
    assert!(object.raw("a").is_none() && object.raw("b").is_none());
    let extra = object.rest(Dialect::Gemini);
    let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
    out.whole("a", 7);
    extra.write(Dialect::Gemini, "request", &mut out, &mut losses);
    assert_eq!(out.finish(), r#"{"a":7,"b":null}"#);
}

#[test]
fn a_member_that_always_says_the_same_comes_back_as_it_was() {
    for text in [r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":null}"#, "{}", r#"{"a":""}"#] {
        let mut object = Object::read(text).unwrap();
        let how = object.fixed("a", "\"b\"");
        let mut extra = object.rest(Dialect::Gemini);
        extra.note_fixed("a", how);
        let (mut out, mut losses) = (ObjectWriter::new(), Losses::new());
        extra.write_fixed(Dialect::Gemini, "a", "\"b\"", &mut out);
        extra.write(Dialect::Gemini, "request", &mut out, &mut losses);
        assert_eq!(out.finish(), text);
    }
}

#[test]
fn an_empty_object_is_a_wish_in_a_request_and_nothing_in_an_answer() {
    let extra = Object::read(r#"{"web_search_options":{},"list":[],"none":null}"#).unwrap().rest(Dialect::OpenAiChat);
    for (place, expected) in [("request", "request.web_search_options"), ("answer", "")] {
        let (mut lost, mut written) = (Losses::new(), Losses::new());
        extra.lose(place, &mut lost);
        extra.write(Dialect::Anthropic, place, &mut ObjectWriter::new(), &mut written);
        assert_eq!((lost.to_string().as_str(), written.to_string().as_str()), (expected, expected));
    }
}
