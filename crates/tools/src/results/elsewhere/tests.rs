use super::*;

#[test]
fn what_replicas_are_told_is_read() {
    let resource = |uri: &str| Changed::Resource(Some(uri.to_owned()));
    for changed in [resource("file:///a"), resource("two\nlines"), resource(""), Changed::Resources, Changed::Tools] {
        assert_eq!(Changed::from_text(&changed.to_text()), Some(changed));
    }
    assert_eq!(Changed::from_text(&Changed::Resource(None).to_text()), Some(Changed::Resources));
    for other in ["", "tool", "tools\n", "resource"] {
        assert_eq!(Changed::from_text(other), None, "{other:?}");
    }
}
