use super::*;

#[test]
fn each_unit_has_its_price() {
    let units = UnitRates {
        image: 40_000_000,
        second: 100_000,
        characters: 15_000_000_000,
        web_search: 10_000_000,
        file_search: 2_500_000,
        code_session: 30_000_000,
        ..UnitRates::default()
    };
    let price = Price { request: 2_000_000, units, ..Price::default() };
    let cost = |units: Units| cost_of_units(&price, &units).0;
    assert_eq!(cost(Units::default()), 0);
    assert_eq!(cost(Units { images: 2, ..Units::default() }), 80_000_000);
    assert_eq!(cost(Units { milliseconds: 2_500, ..Units::default() }), 250_000);
    assert_eq!(cost(Units { characters: 1_001, ..Units::default() }), 15_015_000);
    assert_eq!(cost(Units { characters: 1, ..Units::default() }), 15_000);
    assert_eq!(cost(Units { searches: 1, ..Units::default() }), 0, "it is the price of the call");
    assert_eq!(cost(Units { searches: 3, ..Units::default() }), 4_000_000);
    let calls = ProviderCalls { web_searches: 3, file_searches: 2, code_sessions: 1 };
    assert_eq!(cost(Units { calls, ..Units::default() }), 65_000_000);
    // Some providers count no further than that there was a search.
    let once = UnitRates { web_searched: 35_000_000, ..UnitRates::default() };
    let once = Price { units: once, ..Price::default() };
    assert_eq!(cost_of_units(&once, &Units { calls, ..Units::default() }).0, 35_000_000);
    assert_eq!(cost_of_units(&once, &Units::default()).0, 0);
    let calls = ProviderCalls { web_searches: u64::MAX, file_searches: u64::MAX, code_sessions: u64::MAX };
    let much = Units { images: u64::MAX, milliseconds: u64::MAX, characters: u64::MAX, searches: u64::MAX, calls };
    assert_eq!(cost(much), NanoDollars::saturating(u128::MAX).0);
}
