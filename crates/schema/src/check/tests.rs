use super::{Verdict, faults};
use crate::{Kinds, Node};
use proptest::prelude::*;
use serde_json::{Value, json};

fn said(schema: &Value, value: &Value) -> Vec<String> {
    faults(schema, &Node::of(value), "x").into_iter().map(|fault| format!("{}: {}", fault.place, fault.why)).collect()
}

#[test]
fn what_surely_does_not_fit_is_told_with_its_place() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["to", "count"],
        "properties": {
            "to": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/address"}},
            "count": {"type": "integer", "minimum": 1},
            "kind": {"enum": ["a", "b"]},
            "note": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
        },
        "$defs": {"address": {"type": "string", "pattern": "^[a-z]+@[a-z]+$"}},
    });
    assert!(said(&schema, &json!({"to": ["a@b"], "count": 1, "kind": "b", "note": null})).is_empty());
    let wrong = json!({"to": ["a@b", "c", 4], "cuont": 0, "kind": "c", "note": "long"});
    let expected = [
        "x: `count` is missing",
        "x.to[1]: it does not have the form `^[a-z]+@[a-z]+$`",
        "x.to[2]: it must be a text, and is a whole number",
        "x.cuont: there is no such argument; did you mean `count`?",
        "x.kind: it must be one of \"a\", \"b\"",
        "x.note: it has 4 characters, and 3 are the most",
    ];
    assert_eq!(said(&schema, &wrong), expected);
}

#[test]
fn numbers_and_kinds() {
    let fits = |schema: Value, value: Value| said(&schema, &value).is_empty();
    assert!(fits(json!({"type": "integer"}), json!(2.0)) && !fits(json!({"type": "integer"}), json!(2.5)));
    assert!(fits(json!({"type": "number"}), json!(2)) && fits(json!({"type": ["string", "null"]}), json!(null)));
    assert!(!fits(json!({"exclusiveMaximum": 3}), json!(3)) && fits(json!({"maximum": 3}), json!(3)));
    assert!(!fits(json!(false), json!(1)) && fits(json!(true), json!(1)) && fits(json!({}), json!(1)));
    assert!(fits(json!({"const": 1}), json!(1.0)) && !fits(json!({"const": {"a": 1}}), json!({"a": 2})));
    assert!(
        !fits(json!({"not": {"type": "string"}}), json!("x")) && fits(json!({"not": {"type": "string"}}), json!(1))
    );
    assert!(!fits(json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]}), json!(3)));
    let branches = json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}});
    assert!(!fits(branches.clone(), json!({"a": 1})) && fits(branches.clone(), json!({"c": 1})));
    assert!(fits(branches, json!({"a": 1, "b": 1})));
}

#[test]
fn what_is_not_known_yet_is_not_refused_but_for_its_kind() {
    let any = |kinds| Node::Object(vec![("a".to_owned(), Node::Any(kinds))]);
    let schema = |of: Value| json!({"properties": {"a": of}});
    let count = |of: Value, kinds| faults(&schema(of), &any(kinds), "x").len();
    assert_eq!(count(json!({"type": "string", "minLength": 5}), Kinds::TEXT), 0);
    assert_eq!(count(json!({"type": "string"}), Kinds::ALL), 0);
    assert_eq!(count(json!({"type": "string"}), Kinds::INTEGER), 1);
    assert_eq!(count(json!({"type": "number"}), Kinds::INTEGER), 0);
    assert_eq!(count(json!({"enum": [1, 2]}), Kinds::ALL), 0);
    assert_eq!(count(json!({"not": {"minLength": 1}}), Kinds::TEXT), 0);
    assert_eq!(count(json!({"oneOf": [{"minLength": 1}, {"maxLength": 5}]}), Kinds::TEXT), 0);
    assert_eq!(count(json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), Kinds::TEXT), 1);
}

#[test]
fn a39_schemas_that_never_end_and_those_that_lead_elsewhere_are_left_to_their_server() {
    let fine = |schema: Value, value: Value| assert!(said(&schema, &value).is_empty(), "{schema}");
    fine(json!({"$ref": "#"}), json!(1));
    fine(json!({"allOf": [{"$ref": "#"}]}), json!(1));
    fine(json!({"$ref": "http://internal/schema.json"}), json!(1));
    fine(json!({"$ref": "#/nowhere"}), json!(1));
    fine(json!({"pattern": "(a+)+$"}), json!("a".repeat(50)));
    fine(json!({"pattern": "(?=x)y"}), json!("z"));
    fine(json!({"pattern": format!("(a{{1000}}){{1000}}")}), json!("z"));
    let branches: Vec<Value> = (0..10_000).map(|number| json!({"const": number})).collect();
    assert_eq!(said(&json!({"anyOf": branches}), &json!(-1)).len(), 1);
    // Two ways at each of fifty steps.
    let mut defs = json!({"d50": {"type": "string"}});
    for step in 0..50 {
        let next = json!({"$ref": format!("#/$defs/d{}", step + 1)});
        defs[format!("d{step}")] = json!({"allOf": [next, next]});
    }
    fine(json!({"$ref": "#/$defs/d0", "$defs": defs}), json!("x"));
    let mut deep = json!({"a": {}});
    for _ in 0..40 {
        deep = json!({"a": deep});
    }
    fine(json!({"anyOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}}]}), deep);
}

fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({"type": "string", "minLength": 2})),
        Just(json!({"type": "integer", "maximum": 3})),
        Just(json!({"enum": ["a", 1, null]})),
        Just(json!({"$ref": "#"})),
    ];
    leaf.prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| json!({"not": inner})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|inner| json!({"anyOf": inner})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|inner| json!({"oneOf": inner})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|inner| json!({"allOf": inner})),
            inner.clone().prop_map(|inner| json!({"items": inner})),
            (inner.clone(), inner)
                .prop_map(|(one, other)| json!({"properties": {"a": one}, "additionalProperties": other})),
        ]
    })
}

proptest! {
    /// What is refused while a part of it is unknown is refused whatever that part becomes.
    #[test]
    fn nothing_is_refused_that_may_fit(schema in any_schema(), later in prop_oneof![Just(json!("a")), Just(json!("long")), Just(json!(1)), Just(json!(9)), Just(json!(null)), Just(json!([1]))]) {
        let before = Node::Object(vec![("a".to_owned(), Node::Any(Kinds::ALL)), ("b".to_owned(), Node::of(&json!(1)))]);
        let behind = json!({"a": later, "b": 1});
        if said(&schema, &behind).is_empty() {
            prop_assert_eq!(faults(&schema, &before, "x"), Vec::new(), "{}", schema);
        }
    }
}

#[test]
fn verdicts_come_together() {
    let fault = || super::not("x", "no");
    assert!(matches!(fault().and(fault()), Verdict::Not(faults) if faults.len() == 2));
    assert_eq!(Verdict::Fits.and(Verdict::Perhaps), Verdict::Perhaps);
}
