use super::{dollars, spent};
use crate::{Period, Standing};
use std::time::Duration;

fn standing(period: Period, resets_at: Option<u64>) -> Standing {
    let (limit, spent, reserved, granted) = (10_000_000_000, 9_980_000_000, 500_000, 10_000_000_000);
    Standing { name: "key:alice".to_owned(), limit, period, spent, reserved, granted, unaccounted: 0, resets_at }
}

#[test]
fn amounts_are_in_dollars() {
    let table = [(0, "$0.00"), (10_000_000_000, "$10.00"), (1, "$0.000000001"), (1_250_500_000, "$1.2505")];
    for (nano, text) in table {
        assert_eq!(dollars(nano), text);
    }
}

#[test]
fn a_refusal_says_how_the_budget_stands_and_when_it_begins_anew() {
    let error = spent(&standing(Period::Month, Some(1_796_083_200)), 25_000_000, false, 1_796_083_100);
    assert_eq!((error.code().id(), error.code().http_status()), ("T-0914", 429));
    assert_eq!(
        error.message(),
        "the budget key:alice of $10.00 a month has $9.98 spent and $0.0005 reserved by requests under way, and this \
         request may cost $0.025"
    );
    assert!(error.next().starts_with("wait until 2026-12-01T00:00:00Z, when it begins anew"), "{}", error.next());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(100)));
}

#[test]
fn what_others_have_spent_is_told_to_nobody() {
    for name in ["team:research", "all", "route:default", "provider:openai"] {
        let shared = Standing { name: name.to_owned(), ..standing(Period::Month, Some(1_796_083_200)) };
        let error = spent(&shared, 25_000_000, false, 1_796_083_100);
        assert_eq!(
            error.message(),
            format!("the budget {name}, which others share, has too little left, and this request may cost $0.025")
        );
        assert_eq!(error.retry_after(), Some(Duration::from_secs(100)));
        let told = format!("{} {}", error.message(), error.next());
        assert!(!told.contains("10.00") && !told.contains("9.98"), "{told}");
    }
}

#[test]
fn a_refusal_says_when_to_ask_again_only_where_that_helps() {
    assert_eq!(spent(&standing(Period::Total, None), 1, false, 0).retry_after(), None);
    assert_eq!(spent(&standing(Period::Total, None), 1, true, 0).retry_after(), Some(Duration::from_secs(1)));
}
