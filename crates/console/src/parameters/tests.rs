use super::read;
use base::Code;
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn single_parameters_count_more() {
    let all = read(Some(r#"{"a": 1, "b": [2]}"#), ["a=two", "c=3", "d=x=y"].into_iter(), Path::new("/")).unwrap();
    assert_eq!(Value::Object(all), json!({"a": "two", "b": [2], "c": 3, "d": "x=y"}));
}

#[test]
fn what_is_no_parameter_is_told() {
    for (whole, single) in [(Some("[1]"), "a=1"), (Some("{"), "a=1"), (None, "a")] {
        assert_eq!(read(whole, [single].into_iter(), Path::new("/")).unwrap_err().code(), Code::Usage);
    }
}
