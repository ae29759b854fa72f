use super::Requirements;

const SET: &str = "# About.

server:
  - ping
  # one more
  - tools-list

client:
  - auth/metadata-default

not_scored:
  - scenario: tasks-lifecycle
    leg: server
    reason: extension
    note: >-
      some words: more;
      - even these
  - scenario: other
    leg: client
    reason: pending
";

#[test]
fn scenarios_are_told_apart_by_whether_they_count() {
    let requirements = Requirements::parse(SET).unwrap();
    assert_eq!(requirements.server, ["ping", "tools-list"]);
    assert_eq!(requirements.client, ["auth/metadata-default"]);
    assert_eq!(requirements.client_not_scored, ["other"]);
    assert_eq!(requirements.server_extensions, ["tasks-lifecycle"]);
    assert!(requirements.client_extensions.is_empty());
    let both = Requirements::parse(&SET.replace("pending", "extension")).unwrap();
    assert_eq!((both.server_extensions.len(), both.client_extensions), (1, vec!["other".to_owned()]));
}

#[test]
fn a_line_that_is_not_understood_is_an_error() {
    for (from, to) in
        [("  - tools-list", "  tools-list"), ("server:", "servers:"), ("  - scenario: other", "  - other")]
    {
        let message = Requirements::parse(&SET.replace(from, to)).unwrap_err().message;
        assert!(message.contains("is not understood"), "{message}");
    }
    assert!(Requirements::parse("# nothing\n").is_err());
}
