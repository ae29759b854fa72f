use super::rfc3339;
use std::time::Duration;

#[test]
fn known_moments_are_written_as_rfc_3339() {
    let table = [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_795_170_600, "2026-11-20T10:30:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"),
    ];
    for (seconds, text) in table {
        assert_eq!(rfc3339(Duration::from_secs(seconds)), text);
    }
}
