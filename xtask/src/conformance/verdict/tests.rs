use super::{Failed, Verdict, all, scenario};
use serde_json::{Value, json};

fn check(id: &str, status: &str) -> Value {
    json!({ "id": id, "status": status, "errorMessage": "because" })
}

#[test]
fn a_scenario_passes_when_something_of_it_succeeds_and_nothing_fails() {
    let of = |checks: &[Value]| Verdict::of(&json!(checks));
    let (good, schema) = (check("ping", "SUCCESS"), check("wire-schema-valid", "SUCCESS"));
    assert_eq!(of(&[good.clone(), schema.clone(), check("more", "SKIPPED")]), Verdict::Passed);
    let failed = |check: &str, why: &str| Failed { check: check.to_owned(), why: why.to_owned() };
    assert_eq!(of(&[good.clone(), check("a", "FAILURE")]), Verdict::Failed(vec![failed("a", "because")]));
    assert_eq!(of(&[good, check("a", "WARNING")]), Verdict::Failed(vec![failed("a", "(warning) because")]));
    let skipped = [schema.clone(), check("a", "SKIPPED")];
    assert_eq!(of(&skipped), Verdict::Failed(vec![failed("a", "(skipped) because")]), "nothing else was checked");
    // A port that nobody listens at leaves this.
    assert_ne!(of(&[schema, check("a", "INFO")]), Verdict::Passed);
    assert_ne!(of(&[]), Verdict::Passed);
    assert_ne!(Verdict::of(&Value::Null), Verdict::Passed);
}

#[test]
fn the_scenario_is_in_the_name_of_its_folder() {
    let name = "server-tools-list-2026-11-21T02-07-43-503Z";
    assert_eq!(scenario(name, "server-"), Some("tools-list"));
    assert_eq!(scenario("auth/metadata-var1-2026-11-21T02-07-43-503Z", ""), Some("auth/metadata-var1"));
    assert_eq!(scenario("server-2026-11-21T02-07-43-503Z", "server-"), None);
    assert_eq!(scenario("tools-list", ""), None);
    assert_eq!(scenario("é-2026-11-21T02-07-43-503", ""), None);
}

#[test]
fn all_results_below_a_folder_are_read() {
    let folder = std::env::temp_dir().join(format!("xtask-verdicts-{}", std::process::id()));
    for (name, text) in [("ping", "[]"), ("auth/basic", "broken")] {
        let below = folder.join(format!("{name}-2026-11-21T02-07-43-503Z"));
        crate::system::create_folder(&below).unwrap();
        crate::system::write(&below.join("checks.json"), text).unwrap();
    }
    let verdicts = all(&folder, "").unwrap();
    assert_eq!(verdicts.keys().collect::<Vec<_>>(), ["auth/basic", "ping"]);
    assert!(verdicts.values().all(|verdict| *verdict != Verdict::Passed));
    crate::system::remove_folder(&folder).unwrap();
    assert!(all(&folder, "").unwrap().is_empty());
}
