use crate::command::doctor::check::{Check, Status};
use crate::command::doctor::configuration;
use base::disk;
use base::environment::Environment;
use console::output::Output;
use hubs::Context;

/// What is found about these workflows.
fn found(steps: &[(&str, &str)]) -> Vec<(String, Status, String)> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| disk::write_atomic(&folder.path().join(name), text, false).unwrap();
    write("tutti.yaml", "servers: { notes: { builtin: files } }\nworkflows: [\"*.flow.yaml\"]\n");
    for (name, tool) in steps {
        write(&format!("{name}.flow.yaml"), &format!("name: {name}\nsteps:\n  - {{ name: a, tool: '{tool}' }}\n"));
    }
    let environment = Environment::from_pairs([("PATH", "/usr/bin:/bin")], folder.path());
    let context = Context { environment, output: Output::plain(), config: None, url: None };
    let of_workflows = |check: &Check| check.name.starts_with("workflow") || check.status == Status::Fail;
    let checks = configuration::checks(&context, false).into_iter().filter(of_workflows);
    checks.map(|check| (check.name, check.status, check.message)).collect()
}

#[test]
fn a_workflow_that_cannot_be_started_is_named() {
    assert!(found(&[]).is_empty());
    let good = found(&[("good", "mcp://notes/list_directory")]);
    assert_eq!((good.len(), good[0].0.as_str(), good[0].1), (1, "workflows", Status::Ok));
    let bad = found(&[("good", "mcp://notes/list_directory"), ("bad", "mcp://nobody/x")]);
    assert_eq!((bad.len(), bad[0].0.as_str(), bad[0].1), (1, "workflow bad", Status::Fail));
    assert!(bad[0].2.contains("bad.flow.yaml:3"), "{bad:?}");
}
