use super::{Answer, Models, Question, run};
use crate::bundle::Bundle;
use crate::prompt::Prompt;
use crate::suite::{Case, Suite};
use base::ports::Wait;
use base::{Code, Error};

/// Models that answer as a function says.
pub(crate) struct Scripted<F>(pub(crate) F);

impl<F: Fn(&Question) -> base::Result<String> + Send + Sync> Models for Scripted<F> {
    fn ask(&self, question: Question) -> Wait<'_, Answer> {
        Box::pin(async move { Ok(Answer { text: (self.0)(&question)?, input: 10, output: 2, latency_ms: 5 }) })
    }

    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>> {
        let vector = |text: &String| if text.contains("cat") { vec![1.0, 0.0] } else { vec![0.6, 0.8] };
        Box::pin(async move { Ok(texts.iter().map(vector).collect()) })
    }
}

pub(crate) fn prompt(body: &str) -> Prompt {
    let text = format!("---\nparameters: {{ text: {{ type: string }} }}\nmodel: {{ route: small }}\n---\n{body}");
    Prompt::read("p.md", "p", Bundle { text, ..Bundle::default() }).unwrap()
}

const SUITE: &str = "prompt: p
judge: wise
threshold: 0.5
cases:
  - { name: exact, arguments: { text: a }, checks: [{ exact: A }] }
  - { name: regex, arguments: { text: b }, checks: [{ regex: '(?i)^B$' }, { exact: c }] }
  - { name: schema, arguments: { text: '{\"x\": 1}' }, checks: [{ schema: { type: object, required: [X] } }] }
  - { name: alike, arguments: { text: cats }, checks: [{ similar: { to: a cat, at_least: 0.5 } }] }
  - { name: judged, arguments: { text: d }, checks: [{ judge: { asks: Is it kind?, at_least: 0.6 } }] }
  - { name: lost, arguments: { text: lost }, checks: [{ exact: x }] }
  - { name: wrong, arguments: { txet: d }, checks: [{ exact: x }] }
";

#[tokio::test]
async fn answers_are_held_against_all_kinds_of_checks() {
    let suite = Suite::read("s.yaml", SUITE).unwrap();
    let models = Scripted(|question: &Question| match question.model.as_str() {
        "wise" => Ok("{\"score\": 6, \"reason\": \"well\"}".to_owned()),
        "small" if question.messages[0].text == "lost" => Err(Error::new(Code::ModelBusy, "busy", "wait")),
        "small" => Ok(question.messages[0].text.to_uppercase()),
        other => Err(Error::internal(other)),
    });
    let cases: Vec<&Case> = suite.cases.iter().collect();
    let report = run(&suite, &cases, &prompt("{{ text }}"), &models).await;
    let passed: Vec<(&str, bool)> = report.tried.iter().map(|tried| (tried.name.as_str(), tried.passed())).collect();
    let expected = [
        ("exact", true),
        ("regex", false),
        ("schema", true),
        ("alike", true),
        ("judged", true),
        ("lost", false),
        ("wrong", false),
    ];
    assert_eq!(passed, expected);
    assert!(report.holds());
    assert_eq!((report.tried[1].score(), report.tried[4].score(), report.tried[4].input), (0.5, 0.6, 20));
    let codes: Vec<Code> = report.tried.iter().filter_map(|tried| Some(tried.error.as_ref()?.code())).collect();
    assert_eq!(codes, [Code::ModelBusy, Code::PromptArguments]);
}
