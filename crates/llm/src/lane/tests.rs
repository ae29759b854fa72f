use super::*;
use Wanted::{Any, In, Usual};

const FLEX: ServiceTier = ServiceTier::Flex;
const PRIORITY: ServiceTier = ServiceTier::Priority;

fn price(output: u64) -> Price {
    Price { rates: model::Rates { output, ..model::Rates::default() }, ..Price::default() }
}

/// A million tokens of its answers cost 4 nano-dollars, 2 where there is room and 9 before others.
fn facts() -> Facts {
    let tiers = Tiers::Known(vec![(FLEX, price(2)), (PRIORITY, price(9))]);
    Facts { price: Some(price(4)), tiers, ..Facts::default() }
}

#[test]
fn what_may_be_dearer_is_set_aside_dearer() {
    let most = |facts: &Facts, wanted| facts.most(0, 1_000_000, wanted).map(|NanoDollars(most)| most);
    // A request for a cheap tier may be served as usual.
    for (wanted, expected) in [(Usual, 4), (Any, 9), (In(FLEX), 4), (In(PRIORITY), 9), (In(ServiceTier::Batch), 4)] {
        assert_eq!(most(&facts(), wanted), Some(expected), "{wanted:?}");
    }
    let unknown = Facts { tiers: Tiers::default(), ..facts() };
    assert_eq!(most(&unknown, Any), Some(4));
    assert_eq!(most(&unknown, In(PRIORITY)), None, "what comes first costs more, and nobody knows how much");
    let same = Facts { tiers: Tiers::Same, ..facts() };
    assert_eq!(most(&same, In(PRIORITY)), Some(4));
    assert_eq!(most(&Facts::default(), Usual), None);
}

#[test]
fn the_tier_that_the_answer_says_is_paid_for() {
    let usage = Usage { output: Some(1_000_000), ..Usage::default() };
    let cost = |facts: &Facts, wanted, served| {
        let (NanoDollars(cost), unsure) = facts.cost(&usage, wanted, served);
        (cost, unsure)
    };
    let table = [
        (Usual, None, (4, false)),
        (Usual, Some(Served::In(PRIORITY)), (9, false)),
        (In(PRIORITY), Some(Served::Usual), (4, false)),
        (In(PRIORITY), Some(Served::In(PRIORITY)), (9, false)),
        (In(FLEX), Some(Served::In(FLEX)), (2, false)),
        (Any, Some(Served::In(FLEX)), (2, false)),
        (In(PRIORITY), None, (9, true)),
        (In(FLEX), None, (4, true)),
        (Usual, Some(Served::In(ServiceTier::Batch)), (4, true)),
    ];
    for (wanted, served, expected) in table {
        assert_eq!(cost(&facts(), wanted, served), expected, "{wanted:?} {served:?}");
    }
    let same = Facts { tiers: Tiers::Same, ..facts() };
    assert_eq!(cost(&same, In(PRIORITY), None), (4, false));
    assert_eq!(cost(&same, Usual, Some(Served::In(PRIORITY))), (4, false));
}

#[test]
fn the_table_has_the_prices_of_tiers_and_the_configuration_has_one_for_all() {
    let models = "
providers:
  openai: {api_key: k}
  local: {url: 'http://127.0.0.1:1'}
deployments:
  openai/gpt-5-mini: {price: {output: 1}}
";
    let (problems, document) = (base::config::Problems::new(), base::config::yaml("tutti.yaml", models).unwrap());
    let settings = crate::config::read(&problems, Some((&document.root, "tutti.yaml")), &[]);
    problems.into_result().unwrap();
    let facts = |name: &str| {
        let deployment = Deployment::parse(name).unwrap();
        Facts::of(&settings, found(&settings, &Tables::default(), &deployment).as_ref(), &deployment)
    };
    let of_table = facts("openai/gpt-5");
    let usual = of_table.price.as_ref().unwrap().rates.output;
    assert!(of_table.price_in(FLEX).unwrap().rates.output < usual);
    assert!(of_table.price_in(PRIORITY).unwrap().rates.output > usual);
    assert_eq!(facts("openai/gpt-5-mini").tiers, Tiers::Same);
    assert_eq!(facts("local/anything").tiers, Tiers::Same);
}
