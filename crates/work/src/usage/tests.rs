use super::*;
use serde_json::json;

fn path_of(line: &[&str]) -> String {
    path(&arguments().try_get_matches_from([&["usage"], line].concat()).unwrap())
}

#[test]
fn what_is_asked_for_is_in_the_path() {
    assert_eq!(path_of(&[]), "/api/v1/usage?by=model&since=7d");
    let line = ["--since", "1 d", "--until", "5", "--by", "key,hour"];
    assert_eq!(path_of(&line), "/api/v1/usage?by=key,hour&since=1%20d&until=5");
    assert!(arguments().try_get_matches_from(["usage", "--by", "colour"]).is_err());
    assert!(arguments().try_get_matches_from(["usage", "--budgets", "--by", "key"]).is_err());
}

#[test]
fn rows_say_what_they_are_about() {
    let row = json!({"key": "alice", "run": "", "team": null, "starts_at": 1_763_629_200});
    let table = [("key", "alice"), ("run", "-"), ("team", "-"), ("day", "2025-11-20"), ("hour", "2025-11-20T09")];
    for (name, expected) in table {
        assert_eq!(cell(&row, name), expected, "{name}");
    }
}
