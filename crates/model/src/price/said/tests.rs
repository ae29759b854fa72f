use super::*;

/// A price as tables have it, with another one for long inputs.
fn table() -> Price {
    let rates = Rates { input: 10, output: 40, cache_read: Some(1), ..Rates::default() };
    let long = Rates { input: 20, output: 60, ..Rates::default() };
    Price {
        rates,
        request: 7,
        tiers: vec![Tier { above: 100, rates: long }],
        units: UnitRates { web_search: 5, image: 6, ..UnitRates::default() },
    }
}

fn rates(input: Option<u64>, output: Option<u64>) -> SaidRates {
    SaidRates { input, output, ..SaidRates::default() }
}

#[test]
fn what_is_not_said_is_what_the_table_says() {
    let units = SaidUnits { web_search: Some(9), ..SaidUnits::default() };
    let searches = SaidPrice { units, ..SaidPrice::default() };
    let expected = Price { units: UnitRates { web_search: 9, ..table().units }, ..table() };
    assert_eq!(searches.over(&table()), expected);
    assert_eq!((searches.names(), searches.prices_tokens()), (vec!["web_search".to_owned()], false));
    assert_eq!(SaidPrice::default().over(&table()), table());
}

#[test]
fn what_is_said_holds_for_every_length() {
    let whole = SaidPrice { rates: rates(Some(3), None), ..SaidPrice::default() }.over(&table());
    assert_eq!((whole.rates.input, whole.rates.output, whole.rates.cache_read), (3, 40, Some(1)));
    assert_eq!((whole.rates(101).input, whole.rates(101).output), (3, 60));
}

#[test]
fn what_is_said_of_long_inputs_holds_above_it() {
    let long = |above, output| Some(SaidTier { above, rates: rates(None, Some(output)) });
    let whole = SaidPrice { long: long(50, 90), ..SaidPrice::default() }.over(&table());
    let prices = |input| (whole.rates(input).input, whole.rates(input).output);
    assert_eq!([50, 51, 101].map(prices), [(10, 40), (10, 90), (20, 90)]);
    let whole = SaidPrice { long: long(200, 90), ..SaidPrice::default() }.over(&table());
    let prices = |input| (whole.rates(input).input, whole.rates(input).output);
    assert_eq!([100, 200, 201].map(prices), [(10, 40), (20, 60), (20, 90)]);
}

#[test]
fn who_says_that_tokens_cost_nothing_pays_nothing() {
    let free = SaidPrice { rates: rates(Some(0), Some(0)), ..SaidPrice::default() };
    assert!(free.over(&table()).is_free());
    let calls = SaidPrice { request: Some(2), ..free };
    assert_eq!(calls.over(&table()), Price { request: 2, ..Price::default() });
}
