use super::*;

#[test]
fn time_is_thought_at_the_speed_at_which_a_model_writes() {
    let minute = Duration::from_secs(60);
    let table = [
        (minute, Some(50.0), 3_000),
        (minute, None, 6_000),
        (minute, Some(0.0), 6_000),
        (minute, Some(f64::NAN), 6_000),
        (Duration::ZERO, Some(50.0), 0),
        (Duration::from_millis(1), Some(50.0), 1),
        (minute, Some(1e300), 180_000),
        (Duration::MAX, None, u64::MAX),
    ];
    for (silent, speed, expected) in table {
        assert_eq!(about(silent, speed), expected, "{silent:?} {speed:?}");
    }
}
