use super::of;
use serde_json::json;

#[test]
fn moments_are_read() {
    assert_eq!(of(&json!("1970-01-01T00:00:00Z")), Ok(0));
    assert_eq!(of(&json!("2027-01-15T08:00:00Z")), Ok(1_800_000_000_000));
    assert_eq!(of(&json!("2027-01-15T10:00:00.5+02:00")), Ok(1_800_000_000_500));
    assert_eq!(of(&json!("2024-02-29t23:59:59-01:00")), Ok(1_709_254_799_000));
    assert_eq!(of(&json!(1_800_000_000)), Ok(1_800_000_000_000));
    for wrong in [
        json!("tomorrow"),
        json!(-1),
        json!(null),
        json!("2027-13-01T00:00:00Z"),
        json!("2027-01-01T00:00:00"),
        json!(1e300),
    ] {
        assert!(of(&wrong).is_err(), "{wrong}");
    }
}
