use super::{Role, split};

fn shown(body: &str) -> Vec<(&'static str, String, usize)> {
    split("f", body, 5)
        .unwrap()
        .into_iter()
        .map(|section| (section.role.word(), section.source, section.line))
        .collect()
}

#[test]
fn lines_that_name_a_role_begin_messages() {
    let of = |role, text: &str, line| (role, text.to_owned(), line);
    assert_eq!(shown("just text\n"), [of("user", "just text", 5)]);
    assert_eq!(shown("\nsystem:\n\nBe brief.\n\nuser:\nHi\n"), [of("system", "Be brief.", 8), of("user", "Hi", 11)]);
    assert_eq!(
        shown("user: \na\nassistant:\nb\nuser:\r\nc"),
        [of("user", "a", 6), of("assistant", "b", 8), of("user", "c", 10)]
    );
}

#[test]
fn what_only_looks_like_a_role_is_text() {
    for body in [" user:\nx", "User:\nx", "user: hi\nx", "users:\nx", "developer:\nx"] {
        assert_eq!(shown(body).len(), 1, "{body}");
    }
}

#[test]
fn text_before_the_first_message_and_too_many_messages_are_errors() {
    assert!(split("f", "hello\nuser:\nx", 1).unwrap_err().message().contains("before the first"));
    assert!(split("f", &"user:\n".repeat(65), 1).is_err());
    assert_eq!(split("f", &"user:\n".repeat(64), 1).unwrap().len(), 64);
    assert_eq!(split("f", "user:\n", 1).unwrap()[0].role, Role::User);
}
