use super::Cron;
use proptest::prelude::*;

/// 2026-11-22 10:00:00 UTC, a Sunday.
const SUNDAY: u64 = 1_795_341_600;
const DAY: u64 = 86_400;

fn after(text: &str, seconds: u64) -> u64 {
    Cron::parse(text).unwrap().next_after(seconds).unwrap()
}

#[test]
fn the_next_time_is_found() {
    for (text, next) in [
        ("* * * * *", SUNDAY + 60),
        ("30 10 * * *", SUNDAY + 1_800),
        ("0 10 * * *", SUNDAY + DAY),
        ("30 5 * * mon-fri", SUNDAY + DAY - 4 * 3_600 - 1_800),
        ("*/15 * * * *", SUNDAY + 900),
        ("0 0 1 1 *", 1_798_761_600),
        ("@daily", SUNDAY + 14 * 3_600),
        ("0 12 * * 7", SUNDAY + 7_200),
        ("0 12 * * 0", SUNDAY + 7_200),
        // With both days written either of them counts.
        ("0 12 24 * mon", SUNDAY + DAY + 7_200),
        ("5/20 11 * * *", SUNDAY + 3_600 + 300),
    ] {
        assert_eq!(after(text, SUNDAY), next, "{text}");
    }
    // The 29th of February, over a century that has none.
    assert_eq!(after("0 0 29 2 *", 4_107_542_400), 4_233_686_400);
}

#[test]
fn what_is_none_is_told() {
    for text in [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "a * * * *",
        "@often",
        "0 0 31 2 *",
        "1- * * * *",
        ", * * * *",
    ] {
        assert!(Cron::parse(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn the_next_time_is_later_and_soonest(minute in 0_u64..60, hour in 0_u64..24, now in 0_u64..5_000_000_000) {
        let next = after(&format!("{minute} {hour} * * *"), now);
        prop_assert!(next > now && next <= now + DAY);
        prop_assert_eq!(next % DAY, hour * 3_600 + minute * 60);
    }

    #[test]
    fn no_text_does_harm(text in "[0-9*/,a-z@ -]{0,40}", now in any::<u64>()) {
        if let Ok(cron) = Cron::parse(&text) {
            let _ = cron.next_after(now);
        }
    }
}
