//! Walking raw JSON, against `serde_json`, and walking what is no JSON at all.

use super::input;
use mcp::raw;
use serde_json::Value;

pub(crate) fn feed(data: &[u8]) {
    let Some([text, name]) = input::texts(data) else { return };
    walk(text, name);
    let once = raw::Object::read(text);
    assert_eq!(
        once.is_some(),
        serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok(),
        "whether it is JSON"
    );
    if let Some(object) = once {
        assert_eq!(object.get(name), raw::get(text.trim_ascii(), name), "read once");
    }
    let Ok(value) = base::json::from_text(text) else { return };
    let trimmed = text.trim();
    assert_eq!(raw::is_object(text), value.is_object());
    assert_eq!(raw::deeper_than(text, 8), depth(&value) > 8, "depth");
    match &value {
        Value::Object(members) => {
            let keys: Vec<_> =
                raw::members(trimmed).map(|member| raw::text(member.key).map(|key| key.into_owned())).collect();
            assert_eq!(raw::duplicate(trimmed).is_some(), keys.len() != members.len(), "duplicates");
            if raw::duplicate(trimmed).is_none() {
                let own: Vec<_> = members.keys().cloned().map(Some).collect();
                assert_eq!(keys, own, "keys");
                assert_eq!(raw::get(trimmed, name).map(read), members.get(name).cloned(), "member");
                change(trimmed, name, members);
            }
        }
        Value::Array(items) => {
            let own: Vec<_> = raw::elements(trimmed).map(read).collect();
            assert_eq!(&own, items, "elements");
        }
        Value::String(own) => {
            assert_eq!(raw::text(trimmed).as_deref(), Some(own.as_str()), "text");
            assert_eq!(raw::text(&raw::quote(own)).as_deref(), Some(own.as_str()), "quoted text");
        }
        _ => assert_eq!(raw::text(trimmed), None),
    }
}

fn walk(text: &str, name: &str) {
    for member in raw::members(text) {
        assert!(raw::range_of(text, member.key).is_some() && raw::range_of(text, member.value).is_some());
        let _ = member.is(name);
    }
    let _ = (raw::elements(text).count(), raw::get(text, name), raw::at(text, &[name, name]), raw::text(text));
    let _ = (raw::duplicate(text), raw::deeper_than(text, 3), raw::without(text, |member| member.is(name)));
    let mut splice = raw::Splice::new(text);
    splice.insert(text, name, "1");
    if let Some(part) = raw::get(text, name) {
        splice.replace(part, "2");
    }
    let _ = splice.finish();
}

fn change(text: &str, name: &str, members: &serde_json::Map<String, Value>) {
    let mut expected = members.clone();
    let mut splice = raw::Splice::new(text);
    if let Some(part) = raw::get(text, name) {
        splice.replace(part, "[7]");
        expected.insert(name.to_owned(), serde_json::json!([7]));
    } else {
        splice.insert(text, name, "{}");
        expected.insert(name.to_owned(), serde_json::json!({}));
    }
    assert_eq!(read(&splice.finish()), Value::Object(expected), "spliced");
    let mut rest = members.clone();
    rest.shift_remove(name);
    assert_eq!(read(&raw::without(text, |member| member.is(name))), Value::Object(rest), "taken out");
}

fn read(json: &str) -> Value {
    base::json::from_text(json).unwrap_or_else(|error| panic!("no JSON: {error}: {json}"))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
