use super::{Key, Keys, Ring, read};
use base::config::yaml;
use base::secret::Digest;
use base::{Code, Secret};

const KEYS: [&str; 3] = ["3q2+7wAAa9XkLmNopQrStUvW", "4r3+8xBBb0YlMnOpqRsTuVwX", "5s4+9yCCc1ZmNoPqrStUvWxY"];

fn secret(key: &str) -> Secret<String> {
    Secret::new(key.to_owned())
}

fn of(clients: &[(&str, &str)]) -> Keys {
    let key = |(name, key): &(&str, &str)| Key::plain((*name).to_owned(), secret(key));
    Keys { operator: Some(secret(KEYS[0])), clients: clients.iter().map(key).collect(), ..Keys::default() }
}

fn who(ring: &Ring, key: &str) -> Option<String> {
    ring.find(&Digest::of(key.as_bytes())).map(|visitor| visitor.principal.to_string())
}

/// What the section says, or the codes of its faults.
fn parsed(text: &str) -> Result<Keys, Vec<(Code, String)>> {
    let document = yaml("tutti.yaml", text).unwrap();
    let problems = base::config::Problems::new();
    let keys = read(&problems, Some((&document.root, "tutti.yaml")), Some(secret(KEYS[0])), &["all", "research"]);
    let shown = |error: base::Error| (error.code(), error.to_string());
    problems.into_result().map(|()| keys).map_err(|errors| errors.into_iter().map(shown).collect())
}

#[test]
fn h27_each_key_is_its_own_principal() {
    let ring = Ring::of(&of(&[("alice", KEYS[1]), ("bob", KEYS[2])]));
    assert_eq!(KEYS.map(|key| who(&ring, key)), ["local", "alice", "bob"].map(|name| Some(name.to_owned())));
    assert!(ring.nobody().is_none(), "where there are keys, everybody needs one");
    for odd in ["", "alice", &KEYS[1][1..], &KEYS[1].to_lowercase()] {
        assert_eq!(who(&ring, odd), None, "{odd}");
    }
}

#[test]
fn only_what_has_changed_is_revoked() {
    let before = Ring::of(&of(&[("alice", KEYS[1]), ("bob", KEYS[2])]));
    let [alice, bob] = [KEYS[1], KEYS[2]].map(|key| before.find(&Digest::of(key.as_bytes())).unwrap().counted());
    let exchanged = "6t5+0zDDd2AnOpQrsTuVwXyZ";
    let after = Ring::of(&of(&[("alice", exchanged), ("bob", KEYS[2])])).after(&before);
    assert!(after.revoke(&before).is_empty(), "both names are there still");
    assert!(alice.revoked.is_cancelled() && !bob.revoked.is_cancelled());
    assert_eq!((who(&after, KEYS[1]), who(&after, exchanged)), (None, Some("alice".to_owned())));
    assert!(after.counts().all(|(principal, count)| count == u64::from(&**principal != "local")), "counted on");
    let last = Ring::of(&of(&[("alice", exchanged)])).after(&after);
    assert_eq!(last.revoke(&after).iter().map(|gone| gone.to_string()).collect::<Vec<_>>(), ["bob"]);
    assert!(bob.revoked.is_cancelled());
}

#[test]
fn keys_are_read() {
    let text = format!("alice: {}\nci: {{ key: {}, views: [research], rate: 20/s }}", KEYS[1], KEYS[2]);
    let keys = parsed(&text).unwrap().clients;
    assert_eq!((keys[0].name.as_str(), &keys[0].views, keys[0].rate), ("alice", &None, None));
    assert_eq!((keys[1].name.as_str(), &keys[1].views), ("ci", &Some(vec!["research".to_owned()])));
    assert_eq!(keys[1].rate.map(|rate| rate.count), Some(20));
    assert_eq!((keys[0].key.expose().as_str(), keys[1].key.expose().as_str()), (KEYS[1], KEYS[2]));
}

#[test]
fn a07_faults_of_keys_are_told_without_the_keys() {
    let one = KEYS[1];
    for (text, code) in [
        (format!("local: {one}"), Code::ConfigNameInvalid),
        (format!("\"a b\": {one}"), Code::ConfigNameInvalid),
        (format!("{}: {one}", "n".repeat(65)), Code::ConfigNameInvalid),
        ("alice: short".to_owned(), Code::KeyWeak),
        ("alice: \"\"".to_owned(), Code::KeyWeak),
        ("alice:".to_owned(), Code::ConfigInvalidValue),
        (format!("alice: [{one}]"), Code::ConfigInvalidValue),
        (format!("alice: {one}\nbob: {one}"), Code::ConfigInvalidValue),
        (format!("alice: {}", KEYS[0]), Code::ConfigInvalidValue),
        (format!("alice: {{ key: {one}, views: [reserch] }}"), Code::ConfigInvalidValue),
        (format!("alice: {{ key: {one}, views: [] }}"), Code::ConfigInvalidValue),
        (format!("alice: {{ key: {one}, rate: often }}"), Code::ConfigInvalidValue),
        (format!("alice: {{ key: {one}, role: admin }}"), Code::ConfigUnknownKey),
        ("alice: { views: [all] }".to_owned(), Code::ConfigInvalidValue),
    ] {
        let faults = parsed(&text).unwrap_err();
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert_eq!(faults[0].0, code, "{text}: {faults:?}");
        assert!(!KEYS.iter().any(|key| faults[0].1.contains(key)), "{faults:?}");
        assert!(faults[0].1.contains("tutti.yaml:"), "{faults:?}");
    }
}

#[test]
fn a_view_is_seen_with_all_its_variants() {
    let text = format!("ci: {{ key: {}, views: [research] }}", KEYS[1]);
    let ring = Ring::of(&parsed(&text).unwrap());
    let visitor = ring.find(&Digest::of(KEYS[1].as_bytes())).unwrap();
    assert!(["research", "research?mode=search"].iter().all(|view| visitor.may_see(view)));
    assert!(!["all", "all?mode=search", "", "researc", "research2"].iter().any(|view| visitor.may_see(view)));
    assert!(!visitor.is_operator() && ring.find(&Digest::of(KEYS[0].as_bytes())).unwrap().is_operator());
}
