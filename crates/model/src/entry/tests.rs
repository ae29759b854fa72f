use crate::{Capability, Entry, Price, Rates, ServiceTier, Task, Tier, UnitRates};

#[test]
fn a_line_says_all_of_an_entry() {
    let line = "x/m\tx\tchat\t1000\t20\ttv\t2027-04-08\ti3 o15.5 r0.3 q0.002 g0.000000001 e0.0001 c15 n0.01 y0.035 >200000 i6 o20 h7 /flex i1 o2 >5 i2 o3";
    let entry = Entry::parse(line).unwrap();
    let rates =
        Rates { input: 3_000_000_000, output: 15_500_000_000, cache_read: Some(300_000_000), ..Rates::default() };
    let long = Rates {
        input: 6_000_000_000,
        output: 20_000_000_000,
        cache_write_hour: Some(7_000_000_000),
        ..Rates::default()
    };
    let units = UnitRates {
        image: 1,
        second: 100_000,
        characters: 15_000_000_000,
        web_search: 10_000_000,
        web_searched: 35_000_000,
        ..UnitRates::default()
    };
    let price = Price { rates, request: 2_000_000, tiers: vec![Tier { above: 200_000, rates: long }], units };
    assert_eq!(entry.price(None), Some(&price));
    assert_eq!(entry.price(Some(ServiceTier::Flex)).map(|price| price.rates(6).output), Some(3_000_000_000));
    assert_eq!(entry.price(Some(ServiceTier::Batch)), None);
    assert_eq!((entry.task, entry.max_input, entry.max_output), (Task::Chat, Some(1_000), Some(20)));
    assert_eq!(entry.capabilities, [Capability::Tools, Capability::Vision]);
    assert_eq!(entry.deprecation.as_deref(), Some("2027-04-08"));
    assert_eq!(entry.line(), line);
}

#[test]
fn what_is_not_known_stays_unknown() {
    let line = "m\tx\tembedding\t\t\t\t\t";
    let entry = Entry::parse(line).unwrap();
    assert_eq!((entry.price(None), entry.max_input, entry.deprecation.as_deref()), (None, None, None));
    assert_eq!(entry.line(), line);
    for broken in ["", "m", "m\tx\tchat", "m\tx\tpainting\t\t\t\t\t"] {
        assert_eq!(Entry::parse(broken), None, "{broken:?}");
    }
}

#[test]
fn a_price_that_is_broken_is_none() {
    let entry = Entry::parse("m\tx\tchat\t\t\t\t\ti3 o-1").unwrap();
    assert_eq!(entry.price(None), None);
}

#[test]
fn words_lead_back_to_what_they_stand_for() {
    for capability in Capability::all() {
        assert_eq!(Capability::of_word(capability.word()), Some(capability));
        assert_eq!(Capability::of_letter(capability.letter()), Some(capability));
    }
    assert_eq!(Capability::all().count(), 13);
    for task in
        ["chat", "completion", "responses", "embedding", "rerank", "image", "speech", "transcription", "moderation"]
    {
        assert_eq!(Task::of_word(task).map(Task::word), Some(task));
    }
}
