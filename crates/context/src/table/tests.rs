use super::of;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

#[test]
fn like_objects_become_a_table() {
    let list = json!([
        {"id": 1, "name": "Ada", "note": null, "ok": true},
        {"id": 2, "name": "Grace, H.", "note": "12", "ok": false},
        {"note": "", "ok": true, "name": "a \"b\"", "id": 3.5},
    ]);
    let table = "id,name,note,ok\n1,Ada,null,true\n2,\"Grace, H.\",\"12\",false\n3.5,\"a \\\"b\\\"\",\"\",true\n";
    assert_eq!(of(&list.to_string()).unwrap(), format!("3 rows:\n{table}"));
    let whole = json!({"total": 3, "items": list}).to_string();
    assert_eq!(of(&whole).unwrap(), format!("{{\"total\":3}}\nitems, 3 rows:\n{table}"));
}

#[test]
fn what_is_not_alike_stays() {
    for other in [
        json!([]),
        json!([1, 2, 3, 4]),
        json!([{"a": 1}, {"a": 2}]),
        json!([{"a": 1}, {"a": 2}, {"b": 3}]),
        json!([{"a": 1}, {"a": 2}, {"a": 3, "b": 4}]),
        json!([{"a": 1}, {"a": 2}, {"a": [3]}]),
        json!([{}, {}, {}]),
        json!({"a": 1}),
        json!("text"),
    ] {
        assert_eq!(of(&other.to_string()), None, "{other}");
    }
    assert_eq!(of(r#"[{"a":1,"a":2},{"a":1,"a":2},{"a":1,"a":2}]"#), None, "a member that stands twice");
}

/// The list that a table is of.
fn read(table: &str) -> Value {
    let mut lines = table.lines().skip(1).map(cells);
    let keys: Vec<String> = lines.next().unwrap().into_iter().map(|key| key.as_str().unwrap().to_owned()).collect();
    lines.map(|row| Value::Object(keys.iter().cloned().zip(row).collect::<Map<_, _>>())).collect()
}

/// The cells of a line. A JSON string ends at its quote, anything else at a comma.
fn cells(line: &str) -> Vec<Value> {
    let (mut all, mut rest) = (Vec::new(), line);
    loop {
        let end = if rest.starts_with('"') {
            let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            stream.next().unwrap().unwrap();
            stream.byte_offset()
        } else {
            rest.find(',').unwrap_or(rest.len())
        };
        let text = &rest[..end];
        all.push(serde_json::from_str(text).unwrap_or_else(|_| json!(text)));
        match rest.get(end + 1..) {
            Some(more) if end < rest.len() => rest = more,
            _ => return all,
        }
    }
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9 ,\"\\\\\né世.tru-]{0,8}".prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn a_table_says_all_that_the_list_says(
        keys in prop::collection::btree_set("[a-z0-9 ,\"é]{0,5}", 1..5),
        rows in prop::collection::vec(prop::collection::vec(scalar(), 5), 3..6),
    ) {
        let row = |cells: Vec<Value>| Value::Object(keys.iter().cloned().zip(cells).collect::<Map<_, _>>());
        let list: Value = rows.into_iter().map(row).collect();
        let table = of(&list.to_string()).unwrap();
        // Names may look like numbers, and are quoted then.
        prop_assert_eq!(read(&table), list, "{}", table);
    }
}
