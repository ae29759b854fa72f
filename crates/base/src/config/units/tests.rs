use super::{duration_from_text, duration_text, size_from_text, size_text};
use proptest::prelude::*;
use std::time::Duration;

#[test]
fn durations_are_read() {
    let table =
        [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000), ("1.5s", 1500)];
    for (text, milliseconds) in table.into_iter().chain([("90", 90_000), (" 3 s ", 3000), ("0", 0)]) {
        assert_eq!(duration_from_text(text), Some(Duration::from_millis(milliseconds)), "{text}");
    }
    for text in ["", "s", "-1s", "1w", "1m30s", "1..5s", ".", "99999999999999999999999h", "٣s"] {
        assert_eq!(duration_from_text(text), None, "{text}");
    }
}

#[test]
fn sizes_are_read() {
    for (text, bytes) in
        [("1", 1), ("512B", 512), ("64KiB", 65_536), ("1.5 MiB", 1_572_864), ("4MB", 4_000_000), ("1gib", 1 << 30)]
    {
        assert_eq!(size_from_text(text), Some(bytes), "{text}");
    }
    for text in ["", "KiB", "-1", "1.5", "64K", "16M", "1TiB", "999999999999GiB"] {
        assert_eq!(size_from_text(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(milliseconds in 0..100_000_000_u64, bytes in 0..(1_u64 << 45)) {
        let duration = Duration::from_millis(milliseconds);
        prop_assert_eq!(duration_from_text(&duration_text(duration)), Some(duration));
        prop_assert_eq!(size_from_text(&size_text(bytes)), Some(bytes));
    }
}
