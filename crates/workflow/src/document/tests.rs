use super::schema;
use crate::keys::{Kind, shapes};
use crate::read;
use crate::tests::{examples, root, text_of};
use base::config::yaml;
use serde_json::Value;

#[test]
#[expect(clippy::disallowed_methods, reason = "the copy lies in the repository, which the product does not read")]
fn the_copy_for_editors_is_made_of_the_keys() {
    let path = root().join("docs/reference/workflow.schema.json");
    let own = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &own).unwrap();
    }
    assert!(text_of(&path) == own, "write it anew with TUTTI_UPDATE_SNAPSHOTS=1");
}

#[test]
fn every_example_fits_the_schema() {
    for (file, text) in examples() {
        let value = yaml(&file, &text).unwrap().root.to_json();
        assert_eq!(schema::misfits(&schema(), &value, "file"), [], "{file}");
    }
}

#[test]
fn what_the_schema_refuses_the_reader_refuses_too() {
    for text in [
        "name: a\nsteps: [{ name: b, wait: 1s, colour: red }]",
        "name: a\nsteps: [{ name: b, tool: model_call, inputs: { prompt: x, temprature: 1 } }]",
        "name: a\nsteps: [{ name: b, wait: 1s, effect: loud }]",
        "steps: [{ name: b, wait: 1s }]",
        "main_llm: x\nworkflows: { a: { steps: [{ wait: 1s }] } }",
    ] {
        let value = yaml("a.yaml", text).unwrap().root.to_json();
        assert!(!schema::misfits(&schema(), &value, "file").is_empty(), "{text}");
        assert!(read("a.yaml", text).is_err(), "{text}");
    }
}

fn referred(kind: &Kind, found: &mut Vec<&'static str>) {
    match kind {
        Kind::Shape(name) => found.push(name),
        Kind::List(inner, _) | Kind::Map(inner) => referred(inner, found),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| referred(kind, found)),
        _ => {}
    }
}

#[test]
fn every_shape_that_is_referred_to_is_there_and_used() {
    let names: Vec<&str> = shapes().map(|shape| shape.name).collect();
    let mut found = vec!["workflow", "file", "model_inputs", "queries"];
    shapes().flat_map(|shape| shape.keys).for_each(|key| referred(&key.kind, &mut found));
    assert!(found.iter().all(|name| names.contains(name)), "{found:?}");
    assert!(names.iter().all(|name| found.contains(name)), "{names:?}");
    for shape in shapes() {
        assert!(shape.required.iter().all(|name| shape.keys.iter().any(|key| key.name == *name)), "{}", shape.name);
        assert!(shape.keys.iter().all(|key| key.about.ends_with('.')), "{}", shape.name);
    }
    assert!(matches!(schema()["$defs"], Value::Object(_)));
}
