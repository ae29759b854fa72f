//! What a run waits for that does not come by itself.

use base::{Code, Error, Result};
use journal::{Run, Status};
use runner::{GateShown, Runner};

/// What a run waits for that only a person brings about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stuck {
    /// Somebody is to decide at these gates.
    Gates(Vec<GateShown>),
    /// Somebody must say whether these steps were carried out.
    Doubts(Vec<String>),
    /// It was paused.
    Paused,
}

/// What the run waits for, if it waits for a person.
///
/// # Errors
/// The journal cannot be read.
pub(crate) async fn stuck(runner: &dyn Runner, run: &Run) -> Result<Option<Stuck>> {
    match run.status {
        Status::Paused => Ok(Some(Stuck::Paused)),
        Status::Waiting | Status::InDoubt => {
            let asking = runner.asking(run.id).await?;
            if !asking.gates.is_empty() {
                return Ok(Some(Stuck::Gates(asking.gates)));
            }
            Ok(Some(asking.doubts).filter(|doubts| !doubts.is_empty()).map(Stuck::Doubts))
        }
        _ => Ok(None),
    }
}

impl Stuck {
    /// What it waits for, and what a person does about it.
    pub(crate) fn told(&self, run: &Run) -> (String, String) {
        let (id, workflow) = (run.id, &run.workflow);
        match self {
            Stuck::Gates(gates) => {
                let shown = |gate: &GateShown| format!("at `{}`: {}", gate.path, short(&gate.prompt));
                let all: Vec<String> = gates.iter().take(SHOWN).map(shown).collect();
                let step = gates.first().filter(|_| gates.len() > 1).map(|gate| format!(" --step '{}'", gate.path));
                let step = step.unwrap_or_default();
                let next = format!(
                    "`tutti run approve {id}{step}` or `tutti run reject {id}{step}`, by the API `POST /api/v1/runs/{id}/approve` or `…/reject`"
                );
                (format!("run {id} of `{workflow}` waits for a decision {}", all.join("; ")), next)
            }
            Stuck::Doubts(steps) => {
                let steps: Vec<String> = steps.iter().take(SHOWN).map(|step| format!("`{step}`")).collect();
                let message = format!("nobody knows whether {} of run {id} was carried out", steps.join(", "));
                (
                    message,
                    format!(
                        "find that out and say it: `tutti run resolve {id}`, by the API `POST /api/v1/runs/{id}/resolve`"
                    ),
                )
            }
            Stuck::Paused => (
                format!("run {id} of `{workflow}` is paused"),
                format!("`tutti run resume {id}`, by the API `POST /api/v1/runs/{id}/resume`"),
            ),
        }
    }
}

/// How many steps are told of at once.
const SHOWN: usize = 5;

/// The most letters of what a gate asks.
const LETTERS: usize = 500;

fn short(text: &str) -> String {
    text.chars().take(LETTERS).collect()
}

/// The error for whoever does not wait any longer for the end of a run.
pub(crate) fn waits(run: &Run, stuck: Option<&Stuck>) -> Error {
    let (message, next) = match stuck {
        Some(stuck) => stuck.told(run),
        None => {
            let message = format!("run {} of `{}` goes on longer than is waited for it here", run.id, run.workflow);
            let id = run.id;
            (message, format!("follow it with `tutti run watch {id}`, by the API `GET /api/v1/runs/{id}/events`"))
        }
    };
    Error::new(Code::RunWaits, message, format!("{next}; the run goes on, and is not to be begun again"))
}
