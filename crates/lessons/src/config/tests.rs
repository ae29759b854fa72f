use super::*;
use base::Error;
use base::config::{Problems, yaml};

/// What a route says, and what is wrong with it.
fn route(text: &str, strategy: Strategy, sticky: bool) -> (Policy, Option<Learning>, Vec<Error>) {
    let (problems, document) = (Problems::new(), yaml("tutti.yaml", text).unwrap());
    let mut policy = Policy { strategy, sticky, ..Policy::default() };
    let mut section = Section::new(&problems, "tutti.yaml", "models.routes.r", &document.root).unwrap();
    let learning = read(&mut section, &mut policy);
    section.finish();
    (policy, learning, problems.into_result().err().unwrap_or_default())
}

#[test]
fn a_route_learns_as_it_says() {
    let learning = |worth, explore, decides| Some(Learning { worth, explore, decides });
    let worth = |per_dollar, per_second| Worth { per_dollar, per_second };
    for (text, named, strategy, expected) in [
        ("{}", Strategy::Cost, Strategy::Cost, None),
        ("{}", Strategy::Learned, Strategy::Learned, learning(worth(10.0, 0.01), 0.05, true)),
        (
            "learn: { goal: speed, per_dollar: 3, explore: 20% }",
            Strategy::Learned,
            Strategy::Learned,
            learning(worth(3.0, 0.1), 0.2, true),
        ),
        ("learn: { shadow: true }", Strategy::Learned, Strategy::Order, learning(worth(10.0, 0.01), 0.05, false)),
        (
            "learn: { shadow: true, goal: cost }",
            Strategy::Cost,
            Strategy::Cost,
            learning(worth(100.0, 0.002), 0.05, false),
        ),
    ] {
        let (policy, learned, problems) = route(text, named, false);
        assert_eq!((policy.strategy, learned), (strategy, expected), "{text}");
        assert!(problems.is_empty(), "{text}: {problems:?}");
    }
    // A shadow does not mind conversations that stay where they are.
    assert!(route("learn: { shadow: true }", Strategy::Cost, true).2.is_empty());
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (text, strategy, sticky, says) in [
        ("learn: {}", Strategy::Cost, false, "its strategy is another"),
        ("learn: { explore: 5% }", Strategy::Order, false, "its strategy is another"),
        ("{}", Strategy::Learned, true, "cannot both learn"),
        ("learn: { goal: fame }", Strategy::Learned, false, "goal"),
        ("learn: { explore: 120% }", Strategy::Learned, false, "explore"),
        ("learn: { per_dollar: -1 }", Strategy::Learned, false, "per_dollar"),
        ("learn: { per_second: NaN }", Strategy::Learned, false, "per_second"),
        ("learn: { more: 1 }", Strategy::Learned, false, "more"),
    ] {
        let (.., found) = route(text, strategy, sticky);
        assert!(found.iter().any(|problem| problem.message().contains(says)), "{text}: {found:?}");
    }
}
