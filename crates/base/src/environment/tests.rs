use super::{Environment, dot_env};
use std::path::Path;

#[test]
fn dot_env_lines_of_every_form_are_read() {
    let text = "# comment\nA=1\nexport B = two words # note\nC='a # b'\nD=\"x\\ny\\\"z\"\n\nnot a line\nE=\n1-2=3\n";
    let pairs = dot_env(text);
    let expected = [("A", "1"), ("B", "two words"), ("C", "a # b"), ("D", "x\ny\"z"), ("E", "")];
    assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn state_lives_where_the_user_said() {
    let said = Environment::from_pairs([("TUTTI_HOME", "/t"), ("HOME", "/home/u")], Path::new("/w"));
    assert_eq!(said.home(), Path::new("/t"));
    let relative = Environment::from_pairs([("TUTTI_HOME", "state")], Path::new("/w"));
    assert_eq!(relative.home(), Path::new("/w/state"));
    let data = Environment::from_pairs([("XDG_DATA_HOME", "/data"), ("HOME", "/home/u")], Path::new("/w"));
    assert_eq!(data.home(), Path::new("/data/tutti"));
}
