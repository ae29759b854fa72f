use crate::config::tests::read_text;
use hybrid::{Check, Decide, Shorten, Strategy};
use std::time::Duration;

fn routes(text: &str) -> String {
    format!("providers: {{a: {{url: 'http://127.0.0.1:1'}}, b: {{url: 'http://127.0.0.1:2'}}}}\nroutes:\n{text}")
}

#[test]
fn strategies_have_usual_values() {
    let (settings, problems) = read_text(&routes(
        "  plain: {use: [a/one, b/two]}
  shorter: {strategy: boost, helper: a/small, use: b/big}
  clearer: {strategy: boost, helper: a/small, use: [b/big], shorten: reformulate, keep: 25%, long: 1kB, window: 2kB}
  refined: {strategy: draft_refine, helper: a/small, use: plain, time: 30s, patience: 5s, at_once: 2}
  careful: {strategy: cascade, use: [a/small, b/big], check: {judge: a/judge}}
  agreed: {strategy: cascade, use: [a/small, b/big], check: {agree: 3}}
  json: {strategy: cascade, use: [a/small, b/big], check: json}
  panel: {strategy: compare, use: [a/one, b/two], judge: a/judge, show: all}
  voted: {strategy: compare, use: [a/one, b/two]}
  long: {strategy: map_reduce, helper: a/small, use: b/big}
  race: {strategy: speculate, use: [a/one, b/two]}
",
    ));
    assert!(problems.is_empty(), "{problems:?}");
    let of = |name: &str| settings.routes[name].hybrid.clone();
    assert_eq!(of("plain"), None);
    let Some(Strategy::Boost(boost)) = of("shorter").map(|hybrid| hybrid.strategy) else { panic!("it is a boost") };
    assert_eq!((boost.shorten, boost.keep, boost.long, boost.window), (Shorten::Extract, 0.4, 4_000, 16_000));
    let Some(Strategy::Boost(boost)) = of("clearer").map(|hybrid| hybrid.strategy) else { panic!("it is a boost") };
    assert_eq!((boost.shorten, boost.keep), (Shorten::Reformulate, 0.25));
    let refined = of("refined").unwrap();
    assert_eq!((refined.time, refined.patience, refined.at_once), (Duration::from_secs(30), Duration::from_secs(5), 2));
    let check = |name| match of(name).unwrap().strategy {
        Strategy::Cascade(cascade) => cascade.check,
        other => panic!("{other:?}"),
    };
    assert_eq!(check("careful"), Check::Judge { model: "a/judge".to_owned(), least: 7 });
    assert_eq!((check("agreed"), check("json")), (Check::Agree { times: 3 }, Check::Json));
    let decide = |name| match of(name).unwrap().strategy {
        Strategy::Compare(compare) => (compare.decide, compare.show_all),
        other => panic!("{other:?}"),
    };
    assert_eq!(decide("panel"), (Decide::Judge("a/judge".to_owned()), true));
    assert_eq!(decide("voted"), (Decide::Vote, false));
    // What stands behind a route is all that it may ask.
    let behind = |name: &str| settings.routes[name].deployments.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(behind("refined"), ["a/small", "a/one", "b/two"]);
    assert_eq!(behind("careful"), ["a/small", "b/big", "a/judge"]);
}

#[test]
fn what_cannot_be_played_is_told() {
    for (route, expected) in [
        ("{strategy: boost, use: b/big}", "helper"),
        ("{strategy: boots, helper: a/x, use: b/big}", "cannot be `boots`"),
        ("{strategy: draft_refine, helper: a/x}", "use"),
        ("{strategy: draft_refine, helper: nobody/x, use: b/y}", "names `nobody/x`"),
        ("{strategy: cascade, use: [a/x, b/y]}", "does not say what an answer must pass"),
        ("{strategy: cascade, use: [a/x], check: {judge: a/j, agree: 3}}", "does not say what an answer must pass"),
        ("{strategy: compare, use: [a/x, b/y], judge: a/j, merge: a/j}", "both who judges and who merges"),
        ("{strategy: speculate, use: []}", "has 0 models"),
        ("{strategy: speculate, use: [a/x, other]}", "names `other`"),
        ("{strategy: speculate, use: [a/x, me]}", "names `me`"),
        ("{strategy: speculate, use: [a/x], keep: 3}", "has the key `keep`"),
    ] {
        let (_, problems) = read_text(&routes(&format!("  me: {route}\n")));
        let told = problems.iter().any(|problem| problem.message().contains(expected));
        assert!(told, "{route}: {problems:?}");
    }
}
