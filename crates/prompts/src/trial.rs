//! Running a suite: each case is asked of a model, and the answer held against its checks.

mod judge;
pub mod report;

use crate::made::Made;
use crate::prompt::{Message, Prompt, Settings};
use crate::suite::{Case, Check, Suite};
use base::ports::Wait;
use base::{Error, Result};
use futures_util::StreamExt as _;
use report::{Checked, Report, Tried};

/// What a model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The route or model.
    pub model: String,
    /// The messages.
    pub messages: Vec<Message>,
    /// How.
    pub settings: Settings,
    /// The version of a prompt that the messages are made with, where they are.
    pub made: Option<Made>,
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// Tokens that were read.
    pub input: u64,
    /// Tokens that were written.
    pub output: u64,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
}

/// Asks models.
pub trait Models: Send + Sync {
    /// The answer to a question.
    fn ask(&self, question: Question) -> Wait<'_, Answer>;

    /// The vectors of texts, in their order, of length one.
    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>>;
}

/// So many cases are under way at once.
const AT_ONCE: usize = 4;

/// The model that is asked where neither the suite nor the prompt names one.
const USUAL: &str = "default";

/// Runs `cases` of a suite with a prompt. A case that cannot be asked or judged fails, and says why.
pub async fn run(suite: &Suite, cases: &[&Case], prompt: &Prompt, models: &dyn Models) -> Report {
    let tried = cases.iter().map(|case| tried(suite, case, prompt, models));
    let tried: Vec<Tried> = futures_util::stream::iter(tried).buffered(AT_ONCE).collect().await;
    Report {
        suite: suite.name.clone(),
        prompt: prompt.name.clone(),
        version: prompt.bundle.digest(),
        threshold: suite.threshold,
        tried,
    }
}

async fn tried(suite: &Suite, case: &Case, prompt: &Prompt, models: &dyn Models) -> Tried {
    let mut tried = Tried { name: case.name.clone(), ..Tried::default() };
    if let Err(error) = attempt(suite, case, prompt, models, &mut tried).await {
        tried.error = Some(error);
    }
    tried
}

async fn attempt(suite: &Suite, case: &Case, prompt: &Prompt, models: &dyn Models, tried: &mut Tried) -> Result<()> {
    let together = |errors| crate::library::first(errors, base::Code::PromptArguments);
    let messages = prompt.render(&case.arguments).map_err(together)?;
    let model = suite.model.clone().or_else(|| prompt.model.route.clone()).unwrap_or_else(|| USUAL.to_owned());
    let made = Made { prompt: prompt.name.clone(), version: prompt.bundle.digest(), unit: None };
    let answer = models.ask(Question { model, messages, settings: prompt.model.clone(), made: Some(made) }).await?;
    tried.input += answer.input;
    tried.output += answer.output;
    tried.latency_ms = answer.latency_ms;
    tried.answer.clone_from(&answer.text);
    for check in &case.checks {
        let (score, why) = match check.plain(&answer.text) {
            Some(said) => said,
            None => asked(suite, check, &answer.text, models, tried).await?,
        };
        tried.checks.push(Checked { kind: check.kind(), passed: why.is_none(), score, why });
    }
    Ok(())
}

/// What takes somebody else to say.
async fn asked(
    suite: &Suite,
    check: &Check,
    answer: &str,
    models: &dyn Models,
    tried: &mut Tried,
) -> Result<(f64, Option<String>)> {
    match check {
        Check::Similar { to, at_least } => {
            let vectors = models.embed(vec![to.clone(), answer.to_owned()]).await?;
            let [one, other] = vectors.as_slice() else {
                return Err(Error::internal("an embedder gave no two vectors"));
            };
            let alike: f32 = one.iter().zip(other).map(|(one, other)| one * other).sum();
            let score = f64::from(alike).clamp(0.0, 1.0);
            let why = (score < *at_least).then(|| format!("it is alike to {score:.3}, and {at_least} is asked for"));
            Ok((score, why))
        }
        Check::Judge { asks, at_least } => {
            let model = suite.judge.clone().unwrap_or_else(|| USUAL.to_owned());
            let said = models.ask(judge::question(model, asks, answer)).await?;
            tried.input += said.input;
            tried.output += said.output;
            let (score, reason) = judge::read(&said.text)?;
            let why =
                (score < *at_least).then(|| format!("the judge gives {score}, and {at_least} is asked for: {reason}"));
            Ok((score, why))
        }
        Check::Exact(_) | Check::Regex(_) | Check::Schema(_) => Err(Error::internal("a plain check was to be asked")),
    }
}

#[cfg(test)]
pub(crate) mod tests;
