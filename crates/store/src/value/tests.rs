use super::Value;

#[test]
fn rust_values_become_column_values() {
    assert_eq!(Value::from(7_i64), Value::Integer(7));
    assert_eq!(Value::from(true), Value::Integer(1));
    assert_eq!(Value::from("a"), Value::Text("a".to_owned()));
    assert_eq!(Value::from(vec![1_u8]), Value::Blob(vec![1]));
    assert_eq!(Value::from(Some("a")), Value::Text("a".to_owned()));
    assert_eq!(Value::from(None::<i64>), Value::Null);
}

#[test]
fn an_unsigned_number_fits_or_is_an_error() {
    assert_eq!(Value::try_from(i64::MAX.unsigned_abs()).unwrap(), Value::Integer(i64::MAX));
    assert!(Value::try_from(u64::MAX).unwrap_err().message().contains("18446744073709551615"));
    assert_eq!(Value::try_from(3_usize).unwrap(), Value::Integer(3));
}

#[test]
fn debug_output_does_not_show_what_is_stored() {
    let shown = format!("{:?} {:?}", Value::from("hunter2"), Value::from(b"hunter2".as_slice()));
    assert_eq!(shown, "Text(7 bytes) Blob(7 bytes)");
}
