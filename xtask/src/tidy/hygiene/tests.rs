use super::{banned, check};
use crate::repository::Repository;

fn count(text: &str) -> usize {
    check(&Repository::of(&[("docs/guide/start.md", text)])).len()
}

#[test]
fn each_banned_text_is_found_where_it_begins() {
    for (text, _) in banned() {
        assert_eq!(count(&format!("see {text}x")), 1, "{text}");
        assert_eq!(count(&format!("see 'https://{text}x'")), 1, "{text}");
        assert_eq!(count(&format!("see my{text}x")), 0, "{text}");
    }
}

#[test]
fn other_paths_are_fine() {
    let folder = "root";
    assert_eq!(count(&format!("crates/files/src/{folder}/tests.rs and /tmp/x and $HOME/{folder}/")), 0);
}
