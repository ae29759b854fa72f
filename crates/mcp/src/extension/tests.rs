use super::{Extensions, takes_tasks, with_tasks};

#[test]
fn extensions_of_a_view_are_put_together() {
    let mut all = Extensions::default();
    assert_eq!(all.to_json(true), None);
    all.add(r#"{"extensions":{"io.modelcontextprotocol/ui":{"mimeTypes":[1.0]},"io.modelcontextprotocol/skills":{}}}"#);
    all.add(r#"{"extensions":{"io.modelcontextprotocol/ui":{"other":1},"b/c":{},"d/e":7,"io.modelcontextprotocol/tasks":{}}}"#);
    let others = r#""b/c":{},"io.modelcontextprotocol/ui":{"mimeTypes":[1.0]}"#;
    assert_eq!(all.to_json(false).unwrap(), format!("{{{others}}}"));
    assert_eq!(all.to_json(true).unwrap(), format!(r#"{{"io.modelcontextprotocol/tasks":{{}},{others}}}"#));
    let mut legacy = Extensions::default();
    legacy.add(r#"{"tasks":{"requests":{"tools":{"call":{}}}}}"#);
    assert!(legacy.tasks && legacy.to_json(false).is_none() && legacy.to_json(true).is_some());
    for n in 0..100 {
        legacy.add(&format!(r#"{{"extensions":{{"x/{n}":{{}}}}}}"#));
    }
    assert_eq!(legacy.named.len(), 64);
}

#[test]
fn tasks_are_declared_or_not() {
    let table = [
        ("{}", true, r#"{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#),
        ("{}", false, "{}"),
        (
            r#"{"roots":{},"extensions":{"a/b":{"x":1.0}}}"#,
            true,
            r#"{"extensions":{"io.modelcontextprotocol/tasks":{},"a/b":{"x":1.0}},"roots":{}}"#,
        ),
        (r#"{"extensions":{"io.modelcontextprotocol/tasks":{}},"roots":{}}"#, false, r#"{"roots":{}}"#),
    ];
    for (before, wanted, after) in table {
        assert_eq!(with_tasks(before, wanted), after);
        assert_eq!(takes_tasks(&with_tasks(before, wanted)), wanted);
    }
}
