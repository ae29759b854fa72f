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

fn settings(models: &str) -> Settings {
    let (problems, document) = (base::config::Problems::new(), base::config::yaml("tutti.yaml", models).unwrap());
    let settings = crate::config::read(&problems, Some((&document.root, "tutti.yaml")), &[]);
    problems.into_result().unwrap();
    settings
}

fn lane(settings: &Settings, name: &str) -> Lane {
    Lane::new(settings, &Tables::default(), Deployment::parse(name).unwrap(), None)
}

#[test]
fn what_may_be_dearer_is_set_aside_dearer() {
    let most = |facts: &Facts, wanted| {
        facts.most(Endpoint::ChatCompletions, (0, 1_000_000), wanted).map(|NanoDollars(most)| most)
    };
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
  openai/gpt-5-mini: {price: {input: 1, output: 1}}
";
    let settings = settings(models);
    let facts = |name: &str| lane(&settings, name).facts;
    let of_table = facts("openai/gpt-5");
    let usual = of_table.price.as_ref().unwrap().rates.output;
    assert!(of_table.price_in(FLEX).unwrap().rates.output < usual);
    assert!(of_table.price_in(PRIORITY).unwrap().rates.output > usual);
    assert_eq!(facts("openai/gpt-5-mini").tiers, Tiers::Same);
    assert_eq!(facts("local/anything").tiers, Tiers::Same);
}

#[test]
fn a_price_of_which_a_part_is_said_has_the_rest_of_the_table() {
    let settings = settings(
        "
providers:
  openai: {api_key: k}
deployments:
  openai/gpt-5: {price: {web_search: 0.02}}
  openai/gpt-5-mini: {price: {input: 0, output: 0}}
",
    );
    let none = self::settings("providers: {openai: {api_key: k}}");
    let (said, table) = (lane(&settings, "openai/gpt-5"), lane(&none, "openai/gpt-5"));
    let (price, of_table) = (said.facts.price.clone().unwrap(), table.facts.price.clone().unwrap());
    assert_eq!((price.rates, price.units.web_search), (of_table.rates, 20_000_000));
    assert!(price.rates.input > 0 && said.facts.price_in(FLEX).unwrap().rates.input < price.rates.input);
    assert_eq!(said.facts.price_in(PRIORITY).unwrap().units.web_search, 20_000_000);
    assert_eq!(&*said.version, format!("configuration over {}", table.version));
    let told = said.context(&settings, &Tables::default()).to_json();
    assert_eq!(told["cost"]["price"]["source"], "built_in");
    assert_eq!(told["cost"]["price"]["value"]["web_search"], "0.02");
    assert_eq!(told["cost"]["configured"], serde_json::json!({"value": ["web_search"], "source": "config"}));
    let free = lane(&settings, "openai/gpt-5-mini");
    assert!(free.facts.price.as_ref().unwrap().is_free() && &*free.version == "configuration");
    assert_eq!(free.context(&settings, &Tables::default()).to_json()["cost"]["price"]["source"], "config");
}

#[test]
fn what_no_table_has_costs_what_is_said_if_that_is_all_of_it() {
    use Endpoint::{ChatCompletions, Embeddings, ImageGenerations, Rerank, Transcriptions};
    let settings = settings(
        "
providers:
  hosted: {kind: openai-compatible, url: 'https://models.example.com/v1', api_key: k}
  near: {url: 'http://127.0.0.1:1'}
deployments:
  hosted/both: {price: {input: 1, output: 2}}
  hosted/input: {price: {input: 1}}
  hosted/call: {price: {request: 1}}
  hosted/picture: {price: {image: 1}}
  hosted/search: {price: {web_search: 1}}
  near/call: {price: {web_search: 1}}
",
    );
    let all = [ChatCompletions, Embeddings, ImageGenerations, Transcriptions, Rerank];
    let table = [
        ("hosted/both", [true; 5]),
        ("hosted/input", [false, true, false, false, true]),
        ("hosted/call", [false, false, true, true, true]),
        ("hosted/picture", [false, false, true, false, false]),
        ("hosted/search", [false; 5]),
        ("hosted/nothing", [false; 5]),
        ("near/call", [true; 5]),
        ("near/nothing", [true; 5]),
    ];
    for (name, expected) in table {
        let facts = lane(&settings, name).facts;
        assert_eq!(all.map(|endpoint| facts.is_priced(endpoint)), expected, "{name}");
        let known = facts.most(ChatCompletions, (1, 1), Usual).is_some();
        assert_eq!(known, expected[0], "{name}");
    }
}
