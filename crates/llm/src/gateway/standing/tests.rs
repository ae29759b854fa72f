use super::*;
use crate::config::Settings;
use crate::prices::Tables;
use base::config::{Problems, yaml};

const MODELS: &str = "
providers:
  openai: {api_key: k, models: [gpt-4.1, shared]}
  local: {url: 'http://127.0.0.1:1', models: [shared], limits: {concurrency: 2}}
routes:
  default: {use: [{deployment: openai/gpt-4.1, weight: 3}, local/qwen], strategy: weight, fallback: near}
  near: {use: local/qwen}
deployments:
  openai/gpt-4.1: {context_length: 1000, capabilities: [tools], price: {input: 1, output: 2}}
  local/qwen: {limits: {rate: 5/m, tokens: 100/m}}
";

/// What a name is, how its deployments are put in order, and these with their weights.
type Expected<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, u32)]);

fn state() -> State {
    let (problems, document) = (Problems::new(), yaml("tutti.yaml", MODELS).unwrap());
    let settings: Settings = crate::config::read(&problems, Some((&document.root, "tutti.yaml")), &[]);
    problems.into_result().unwrap();
    State::new(settings, Tables::default(), None)
}

#[test]
fn names_say_what_they_are_and_what_stands_behind_them() {
    let state = state();
    let table: [(&str, Option<Expected<'_>>); 5] = [
        ("default", Some(("route", Some("weight"), &[("openai/gpt-4.1", 3), ("local/qwen", 1)]))),
        ("shared", Some(("model", None, &[("local/shared", 1), ("openai/shared", 1)]))),
        ("openai/anything", Some(("deployment", None, &[("openai/anything", 1)]))),
        ("nobody/anything", None),
        ("", None),
    ];
    for (name, expected) in table {
        let found = standing(&state, name);
        let found = found.as_ref().map(|found| {
            let behind: Vec<(&str, u32)> = found.deployments.iter().map(|one| (&*one.name, one.weight)).collect();
            (found.kind.word(), found.strategy, behind)
        });
        let expected = expected.map(|(kind, strategy, behind)| (kind, strategy, behind.to_vec()));
        assert_eq!(found, expected, "{name}");
    }
    // To look at one is not to remember it.
    assert!(state.all().iter().all(|lane| &*lane.name != "openai/anything"));
}

#[test]
fn each_value_has_its_source() {
    let state = state();
    let found = standing(&state, "default").unwrap();
    let [hosted, near] = found.deployments.as_slice() else { panic!("there are two") };
    let said = hosted.context.to_json();
    assert_eq!(said["limits"]["context"]["source"], "config");
    assert_eq!(said["limits"]["max_output"]["source"], "built_in");
    assert_eq!(
        (&said["capabilities"]["tools"]["value"], &said["capabilities"]["vision"]["value"]),
        (&true.into(), &false.into())
    );
    assert_eq!(said["capabilities"]["vision"]["source"], "config");
    // Of what the configuration has no word for, it says nothing.
    assert_ne!(said["capabilities"]["prompt_caching"]["source"], "config");
    // The table says what the rest of the price is.
    assert_eq!(said["cost"]["configured"]["value"], serde_json::json!(["input", "output"]));
    assert_eq!(said["cost"]["price"]["value"]["input"], "1");
    assert!(hosted.price_version.starts_with("configuration over "), "{}", hosted.price_version);
    assert!(near.local && !hosted.local);
    assert_eq!(near.context.to_json()["cost"]["price"]["value"]["input"], "0");
    assert_eq!((near.held.state, near.held.share, near.held.paused), ("closed", 1.0, None));
    assert_eq!(near.measured, Measured::default());
}

#[test]
fn what_takes_over_and_what_limits_a_deployment_is_told() {
    let state = state();
    let found = standing(&state, "default").unwrap();
    assert_eq!(found.fallback.as_deref(), Some("near"));
    assert_eq!(standing(&state, "near").unwrap().fallback, None);
    let [hosted, near] = found.deployments.as_slice() else { panic!("there are two") };
    assert!(hosted.limits.is_empty());
    let limits =
        near.limits.iter().map(|limit| (&*limit.name, limit.settings.quota, limit.running, limit.waiting, limit.full));
    let [(first, of_provider, 0, 0, false), (second, own, 0, 0, false)] = limits.collect::<Vec<_>>()[..] else {
        panic!("nothing is under way: {:?}", near.limits)
    };
    assert_eq!((first, of_provider.running, of_provider.rate), ("local", Some(2), None));
    assert_eq!((second, own.running, own.units.map(|rate| rate.count)), ("local/qwen", None, Some(100)));
}
