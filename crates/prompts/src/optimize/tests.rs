use super::{Search, optimize, split};
use crate::prompt::Prompt;
use crate::suite::Suite;
use crate::trial::tests::{Scripted, prompt};
use crate::trial::{Question, run};
use base::Code;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn suite(cases: usize) -> Suite {
    let cases: String = (0..cases)
        .map(|case| format!("  - {{ name: c{case}, arguments: {{ text: c{case} }}, checks: [{{ exact: good }}] }}\n"))
        .collect();
    Suite::read("s.yaml", &format!("prompt: p\ncases:\n{cases}")).unwrap()
}

fn search(seed: u64) -> Search {
    Search { model: "proposer".to_owned(), rounds: 2, variants: 3, seed, alpha: 0.05 }
}

/// Models of which template `n` answers a case well where `good` says so; the proposer proposes one template after the other.
fn models(
    good: impl Fn(usize, &str) -> bool + Send + Sync,
) -> Scripted<impl Fn(&Question) -> base::Result<String> + Send + Sync> {
    Scripted(move |question: &Question| {
        if question.model == "proposer" {
            let data: Value = serde_json::from_str(&question.messages[1].text).unwrap();
            return Ok(json!({"template": format!("{} {{{{ text }}}}", data["variant"])}).to_string());
        }
        let (template, case) = question.messages[0].text.split_once(' ').unwrap();
        Ok(if good(template.parse().unwrap(), case) { "good" } else { "bad" }.to_owned())
    })
}

async fn score(suite: &Suite, prompt: &Prompt, seed: u64, models: &dyn crate::trial::Models) -> f64 {
    let (_, held) = split(suite, seed);
    super::mean(&run(suite, &held, prompt, models).await)
}

#[tokio::test]
async fn a_variant_that_is_better_everywhere_is_kept_with_its_evidence() {
    let (suite, prompt) = (suite(20), prompt("0 {{ text }}"));
    let outcome = optimize(&suite, &prompt, &search(1), &models(|template, _| template == 4)).await.unwrap();
    assert!(outcome.kept.unwrap().body().starts_with('4'));
    let evidence = outcome.evidence;
    assert_eq!((&evidence["comparison"]["before"], &evidence["comparison"]["after"]), (&json!(0.0), &json!(1.0)));
    assert_eq!(evidence["variants"].as_array().unwrap().len(), 6);
    assert!(evidence["comparison"]["chance"].as_f64().unwrap() <= 0.05);
    let (tried, held) = (evidence["tried_on"].as_array().unwrap(), evidence["held_out"].as_array().unwrap());
    assert!(tried.len() == 10 && held.iter().all(|name| !tried.contains(name)));
}

#[tokio::test]
async fn one_that_is_better_only_where_it_was_tried_is_not_kept() {
    let (suite, prompt) = (suite(20), prompt("0 {{ text }}"));
    let tried: Vec<String> = split(&suite, 1).0.iter().map(|case| case.name.clone()).collect();
    let fitted = models(move |template, case| template > 0 && tried.iter().any(|name| name == case));
    let outcome = optimize(&suite, &prompt, &search(1), &fitted).await.unwrap();
    assert!(outcome.kept.is_none());
    assert!(outcome.evidence["why"].as_str().unwrap().contains("not better on the held-out part"));
}

#[tokio::test]
async fn nothing_is_kept_where_nothing_can_be_shown() {
    let prompt = prompt("0 {{ text }}");
    let few = optimize(&suite(9), &prompt, &search(1), &models(|_, _| true)).await.unwrap_err();
    assert_eq!(few.code(), Code::PromptSuite);
    let same = optimize(&suite(12), &prompt, &search(1), &models(|_, _| true)).await.unwrap();
    assert!(same.kept.is_none());
    let silly =
        Scripted(|question: &Question| Ok(if question.model == "proposer" { "{{ what" } else { "bad" }.to_owned()));
    let outcome = optimize(&suite(12), &prompt, &search(1), &silly).await.unwrap();
    assert!(outcome.kept.is_none() && outcome.evidence["variants"][0]["error"].is_string());
}

#[tokio::test]
async fn the_proposer_never_sees_what_is_held_out() {
    let suite = suite(20);
    let held: Vec<String> = split(&suite, 3).1.iter().map(|case| format!("\"{}\"", case.name)).collect();
    let models = Scripted(move |question: &Question| {
        if question.model == "proposer" {
            let data = question.messages[1].text.replace('\\', "");
            assert!(held.iter().all(|name| !data.contains(name)), "{data}");
            return Ok("{\"template\": \"1 {{ text }}\"}".to_owned());
        }
        Ok("bad".to_owned())
    });
    assert!(optimize(&suite, &prompt("0 {{ text }}"), &search(3), &models).await.unwrap().kept.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever variants do, one that is kept is better on the held-out part, and one that is worse there never is.
    #[test]
    fn nothing_worse_is_ever_kept(answers in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 24), 7), seed in 0_u64..50) {
        let (suite, prompt) = (suite(24), prompt("0 {{ text }}"));
        let table: BTreeMap<(usize, String), bool> = answers.iter().enumerate()
            .flat_map(|(template, row)| row.iter().enumerate().map(move |(case, good)| ((template, format!("c{case}")), *good)))
            .collect();
        let models = models(move |template, case| table.get(&(template, case.to_owned())).copied().unwrap_or_default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let outcome = optimize(&suite, &prompt, &search(seed), &models).await.unwrap();
            if let Some(kept) = outcome.kept {
                let (before, after) = (score(&suite, &prompt, seed, &models).await, score(&suite, &kept, seed, &models).await);
                prop_assert!(after > before, "{} {}", before, after);
                prop_assert!(outcome.evidence["comparison"]["chance"].as_f64().unwrap() <= 0.05);
            }
            Ok(())
        })?;
    }
}
