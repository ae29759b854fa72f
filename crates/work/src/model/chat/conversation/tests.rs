use super::*;

#[test]
fn what_was_said_is_sent_again() {
    let mut talk = Conversation::new("m".to_owned(), Some("Be brief.".to_owned()), Some("dev".to_owned()));
    talk.ask("Hello".to_owned());
    assert_eq!(talk.answered("Hi").1, [(Who::User, "Hello".to_owned()), (Who::Assistant, "Hi".to_owned())]);
    talk.ask("Again".to_owned());
    let body = talk.body();
    assert_eq!(
        body["messages"],
        json!([
            {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi"}, {"role": "user", "content": "Again"},
        ])
    );
    assert_eq!((&body["tools"], &body["stream"]), (&json!("dev"), &json!(true)));
    // A question without an answer is forgotten.
    assert!(talk.answered("").1.is_empty());
    assert_eq!(talk.markdown(), "# m\n\n## system\n\nBe brief.\n\n## user\n\nHello\n\n## assistant\n\nHi\n");
    talk.clear();
    assert_eq!(talk.body()["messages"], json!([{"role": "system", "content": "Be brief."}]));
    assert!(Conversation::new("m".to_owned(), None, None).body().get("tools").is_none());
}

#[test]
fn words_lead_back() {
    for (word, who) in Who::NAMES {
        assert_eq!((who.word(), Who::of_word(word)), (word, Some(who)));
    }
    assert_eq!(Who::of_word("system"), None);
}

#[test]
fn what_a_terminal_would_obey_is_not_saved() {
    let mut talk = Conversation::new("m\u{1b}[2J".to_owned(), None, None);
    talk.ask("Hello".to_owned());
    talk.answered("\u{1b}[31mred\u{1b}[0m \u{1b}]52;c;aGk=\u{7}and\n\tmore\u{202e}");
    assert_eq!(talk.markdown(), "# m\n\n## user\n\nHello\n\n## assistant\n\nred and\n\tmore\n");
    talk.ask("Again".to_owned());
    talk.answered("\u{1b}]52;c;never ends");
    talk.ask("More".to_owned());
    assert!(talk.markdown().contains("\n## user\n\nMore\n"), "one answer hides nothing of what follows");
}
