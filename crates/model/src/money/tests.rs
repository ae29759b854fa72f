use crate::NanoDollars;
use proptest::prelude::*;

#[test]
fn amounts_are_read_and_written() {
    let table = [
        ("$12.50", 12_500_000_000, "$12.50"),
        ("0.5", 500_000_000, "$0.50"),
        (".5", 500_000_000, "$0.50"),
        ("7", 7_000_000_000, "$7.00"),
        ("0", 0, "$0.00"),
        ("0.001234567", 1_234_567, "$0.001234567"),
        ("1.2300000000000", 1_230_000_000, "$1.23"),
        ("18446744073.709551615", u64::MAX, "$18446744073.709551615"),
    ];
    for (text, amount, written) in table {
        assert_eq!(text.parse(), Ok(NanoDollars(amount)), "{text}");
        assert_eq!(NanoDollars(amount).to_string(), written);
    }
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in ["", "$", ".", "-1", "+1", "1e-3", "1,5", "1.2.3", "0.0000000001", "€5", " 1", "18446744073.709551616"]
    {
        assert!(text.parse::<NanoDollars>().is_err(), "{text:?}");
    }
    let fault = "0.0000000001".parse::<NanoDollars>().unwrap_err();
    assert_eq!(fault.to_string(), "\"0.0000000001\" has more than 9 decimals");
}

#[test]
fn sums_stay_within_bounds() {
    let one = NanoDollars(1);
    assert_eq!(one.checked_add(NanoDollars::MAX), None);
    assert_eq!(one.saturating_add(NanoDollars::MAX), NanoDollars::MAX);
    assert_eq!(NanoDollars::ZERO.checked_sub(one), None);
    assert_eq!(NanoDollars::ZERO.saturating_sub(one), NanoDollars::ZERO);
    assert_eq!(one.checked_add(one).and_then(|two| two.checked_sub(one)), Some(one));
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(amount: u64) {
        let amount = NanoDollars(amount);
        prop_assert_eq!(amount.to_string().parse::<NanoDollars>(), Ok(amount));
    }

    #[test]
    fn any_text_is_an_amount_or_refused(text in ".*") {
        let _ = text.parse::<NanoDollars>();
    }
}
