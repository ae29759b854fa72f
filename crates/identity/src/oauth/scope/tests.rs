use super::{Sources, choose, split};

fn own(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

#[test]
fn the_challenge_wins_over_the_metadata_and_the_operator_over_both() {
    let (configured, resource) = (own(&["mine"]), own(&["r1", "r2"]));
    let all = Sources { challenge: Some("c1 c2"), resource: Some(&resource), ..Sources::default() };
    assert_eq!(choose(&all), ["c1", "c2"]);
    assert_eq!(choose(&Sources { challenge: None, ..all }), ["r1", "r2"]);
    assert_eq!(choose(&Sources { configured: Some(&configured), ..all }), ["mine"]);
    assert!(choose(&Sources::default()).is_empty());
}

#[test]
fn offline_access_is_asked_for_only_where_it_is_offered() {
    let (resource, offered) = (own(&["r"]), own(&["r", "offline_access"]));
    let sources = Sources { resource: Some(&resource), server: &offered, offline: true, ..Sources::default() };
    assert_eq!(choose(&sources), ["r", "offline_access"]);
    assert_eq!(choose(&Sources { server: &resource, ..sources }), ["r"]);
    assert_eq!(choose(&Sources { offline: false, ..sources }), ["r"]);
    // Where no scope is asked for, the server's own default must not be narrowed to this one.
    assert!(choose(&Sources { resource: None, ..sources }).is_empty());
}

#[test]
fn a_step_up_keeps_what_there_was() {
    let kept = own(&["read", "write"]);
    assert_eq!(
        choose(&Sources { kept: &kept, challenge: Some("write admin"), ..Sources::default() }),
        ["read", "write", "admin"]
    );
}

#[test]
fn a77_what_is_no_scope_is_passed_over_and_there_is_an_end_to_them() {
    assert_eq!(split("a  b a \u{1} \"q\" c\\d é"), ["a", "b"]);
    let many: Vec<String> = (0..1000).map(|number| format!("s{number}")).collect();
    assert_eq!(split(&many.join(" ")).len(), 64);
    assert!(split(&"x".repeat(300)).is_empty());
}
