use super::{DAY, Period};
use proptest::prelude::*;
use std::time::Duration;

fn text(seconds: u64) -> String {
    base::clock::rfc3339(Duration::from_secs(seconds))
}

#[test]
fn periods_are_those_of_the_calendar() {
    // 2026-11-22 was a Sunday; 2024 had a leap day, 2100 has none.
    let table = [
        (Period::Day, 1_795_305_599, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
        (Period::Day, 1_795_305_600, "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"),
        (Period::Week, 1_795_305_600, "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z"),
        (Period::Week, 0, "1970-01-01T00:00:00Z", "1970-01-05T00:00:00Z"),
        (Period::Month, 1_795_305_600, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        (Period::Month, 1_798_761_599, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        (Period::Month, 1_709_164_800, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        (Period::Month, 4_107_456_000, "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z"),
    ];
    for (period, now, start, end) in table {
        let window = period.window(now);
        assert_eq!(
            (text(window.starts_at), text(window.ends_at.unwrap())),
            (start.to_owned(), end.to_owned()),
            "{now}"
        );
    }
    assert_eq!(Period::Total.window(1_795_305_600).ends_at, None);
}

proptest! {
    /// Periods follow one another without a gap, and the calendar of the clock agrees where months begin.
    #[test]
    fn periods_leave_no_gap(now in 0u64..8_000_000_000) {
        for period in [Period::Day, Period::Week, Period::Month] {
            let window = period.window(now);
            let end = window.ends_at.unwrap();
            prop_assert!(window.starts_at <= now && now < end);
            prop_assert_eq!(period.window(window.starts_at), window);
            prop_assert_eq!(period.window(end - 1), window);
            prop_assert_eq!(period.window(end).starts_at, end);
            prop_assert_eq!(window.starts_at % DAY, 0);
            if period == Period::Month {
                prop_assert!(text(window.starts_at).ends_with("-01T00:00:00Z"));
                prop_assert!(text(end).ends_with("-01T00:00:00Z"));
            }
        }
    }
}
