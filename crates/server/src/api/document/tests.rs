use super::*;
use crate::api::operation::Verb;
use crate::api::table::all;
use std::collections::BTreeSet;

fn document() -> Value {
    value(all(), true)
}

/// Every `$ref` below `value`.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| match value.as_str().filter(|_| name == "$ref") {
            Some(reference) => drop(found.insert(reference.to_owned())),
            None => references(value, found),
        }),
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_schema_is_there_and_of_use() {
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    let known = document["components"]["schemas"].as_object().unwrap();
    let known: BTreeSet<String> = known.keys().map(|name| format!("#/components/schemas/{name}")).collect();
    assert_eq!(used, known);
}

#[test]
fn every_row_of_the_table_is_told_of_once() {
    let document = document();
    let ids: BTreeSet<&str> = all().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), all().count());
    for operation in all() {
        let told = &document["paths"][operation.path][operation.verb.word()];
        assert_eq!(told["operationId"], operation.id);
        let takes_body = matches!(operation.verb, Verb::Post | Verb::Put);
        assert_eq!(operation.body.is_some(), takes_body && told.get("requestBody").is_some());
        let named = told["parameters"].to_string().contains("\"in\":\"path\"");
        assert_eq!(named, operation.path.contains('{'), "{}", operation.path);
    }
}

#[test]
fn a_hub_without_a_key_asks_for_none() {
    let document = value(all(), false);
    assert_eq!(document["security"], json!([]));
    assert!(document["components"].get("securitySchemes").is_none());
    assert!(document["paths"]["/healthz"]["get"]["responses"].get("401").is_none());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the copy lies in the repository, which the product does not read")]
fn the_copy_for_readers_is_what_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/openapi.json");
    let mut own = document();
    // Else each release would change the copy.
    own["info"]["version"] = "0".into();
    let own = serde_json::to_string_pretty(&own).unwrap() + "\n";
    if std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &own).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == own, "write it anew with TUTTI_UPDATE_SNAPSHOTS=1");
}
