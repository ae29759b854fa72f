use super::steps;

#[test]
fn a_question_of_several_sentences_has_steps() {
    assert_eq!(
        steps("I am going to Paris. What is the weather there? Thank you! Book me a hotel for $99.50"),
        ["I am going to Paris.", "What is the weather there?", "Book me a hotel for $99.50"]
    );
    assert_eq!(steps("read the log;\nsend it by mail"), ["read the log;", "send it by mail"]);
    assert_eq!(steps("\u{67e5}\u{5929}\u{6c14}\u{3002}\u{53d1}\u{90ae}\u{4ef6}\u{3002}").len(), 2);
}

#[test]
fn a_long_question_has_no_more_than_eight() {
    assert_eq!(steps(&"Do one thing. ".repeat(100)).len(), 8);
}

#[test]
fn a_question_for_one_thing_has_none() {
    for one in ["", " ", "what is the weather", "Hello! What is the weather?", "open example.com/a.b?c=1;d", "a. b. c."]
    {
        assert_eq!(steps(one), Vec::<&str>::new(), "{one}");
    }
}
