use super::{described, print_errors, table};
use console::output::Output;
use serde_json::json;

#[test]
fn a_table_shows_what_runs_and_what_does_not() {
    let servers = [
        json!({"name": "files", "state": "ready", "tools": 14, "era": "modern", "target": "."}),
        json!({"name": "git\u{1b}", "state": "backing_off", "tools": 0, "era": null, "target": "npx … (2 arguments)"}),
    ];
    let lines = table(&servers.iter().collect::<Vec<_>>()).lines(&Output::plain());
    assert_eq!(lines[0], "NAME   STATE        TOOLS  ERA     TARGET");
    assert_eq!(lines[1], "files  ready        14     modern  .");
    assert_eq!(lines[2], "git    backing off  0      -       npx … (2 arguments)");
    print_errors(&Output::plain(), &servers.iter().collect::<Vec<_>>());
}

#[test]
fn a_server_that_does_not_run_has_the_keys_of_one_that_does() {
    let problems = base::config::Problems::new();
    let document = base::config::yaml("t.yaml", "command: x\nenabled: false\nera: legacy").unwrap();
    let typed = [tools::config::Typed { name: "a", node: &document.root, file: "t.yaml", fault: None }];
    let environment = base::environment::Environment::default();
    let surroundings = tools::config::Surroundings { environment, folder: "/".into(), supervisor: None };
    let settings = tools::config::read(&problems, &typed, None, &surroundings);
    let value = described(&settings.servers[0]);
    assert_eq!((&value["name"], &value["state"], &value["era"]), (&json!("a"), &json!("disabled"), &json!("legacy")));
    assert_eq!((&value["transport"], &value["tools"]), (&json!("stdio"), &json!(null)));
}
