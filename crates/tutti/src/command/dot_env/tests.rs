use super::{adding, ignored, ignoring, with};
use base::{disk, environment};
use proptest::prelude::*;

#[test]
fn what_is_there_stays() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(with("", &[pair("A", "sk-1")]), "A=sk-1\n");
    assert_eq!(with("# mine\r\nX=1", &[pair("A", "b c")]), "# mine\r\nX=1\r\nA=\"b c\"\r\n");
    assert_eq!(ignored("target\n").as_deref(), Some("target\n.env\n"));
    assert_eq!(ignored("target"), Some("target\n.env\n".to_owned()));
    assert_eq!(ignored(" /.env \nx"), None);
}

#[test]
fn nothing_is_made_where_nothing_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    assert!(adding(folder.path(), &[]).unwrap().is_none());
    assert!(ignoring(folder.path()).unwrap().is_none());
    disk::write_atomic(&folder.path().join(".gitignore"), "", false).unwrap();
    assert_eq!(ignoring(folder.path()).unwrap().unwrap().after, ".env\n");
    let change = adding(folder.path(), &[("A".to_owned(), "1".to_owned())]).unwrap().unwrap();
    assert_eq!((change.before, change.after.as_str(), change.secret), (None, "A=1\n", true));
}

proptest! {
    #[test]
    fn values_are_read_back(value in "([a-z'\"\\\\#= \t\n$]|é){0,20}") {
        let text = with("X=1\n", &[("A".to_owned(), value.clone()), ("B".to_owned(), "2".to_owned())]);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        prop_assert_eq!(environment::dot_env(&text), [pair("X", "1"), pair("A", &value), pair("B", "2")]);
    }
}
