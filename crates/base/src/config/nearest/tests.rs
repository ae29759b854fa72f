use super::nearest;

#[test]
fn slips_are_near_and_other_words_are_not() {
    let known = ["command", "args", "env", "url", "headers", "idle_stop", "timeouts", "limits", "tools"];
    let table = [
        ("comand", Some("command")),
        ("commadn", Some("command")),
        ("Command", Some("command")),
        ("arg", Some("args")),
        ("environment", Some("env")),
        ("uri", Some("url")),
        ("idle-stop", Some("idle_stop")),
        ("timeout", Some("timeouts")),
        ("tool", Some("tools")),
        ("workdir", None),
        ("x", None),
        ("", None),
    ];
    for (word, expected) in table {
        assert_eq!(nearest(word, known), expected, "{word}");
    }
    assert_eq!(nearest(&"c".repeat(1 << 20), known), None);
}
