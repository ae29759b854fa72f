//! What a file with tests says, typed.

use base::config::Place;
use base::{Code, Error};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use workflow::template::Template;
use workflow::{Plan, Source};

/// The tests of a workflow.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The file and its text.
    pub(crate) source: Source,
    /// The workflow that they are of, where the file says it.
    pub(crate) workflow: Option<String>,
    /// When every run starts, in milliseconds since 1970.
    pub(crate) now: u64,
    /// What comes from outside in all cases, where a case says nothing of it.
    pub(crate) shared: Outside,
    pub(crate) cases: Vec<Case>,
}

/// Something for a step, by its path or its name, and where it stands.
pub(crate) type ByStep<T> = BTreeMap<String, (Place, T)>;

/// One test.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) notes: Vec<Note>,
    pub(crate) outside: Outside,
    pub(crate) expect: Expect,
}

/// What comes from outside.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outside {
    pub(crate) answers: ByStep<Vec<Answer>>,
    pub(crate) gates: ByStep<Decided>,
    /// What is said of each doubt of a step, one after the other; the last stays.
    pub(crate) doubts: ByStep<Vec<Resolved>>,
    pub(crate) signals: Vec<Signal>,
    /// When somebody cancels the run, in milliseconds after its start.
    pub(crate) cancel: Option<u64>,
    /// Summaries that were made, by the step and by what they are of.
    pub(crate) summaries: Vec<Summary>,
    /// Whether calls of which nothing is said are under way when all is over: whoever wrote this down did not wait for them.
    pub(crate) leaves: bool,
}

/// A summary that was made for the context of a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    pub(crate) step: String,
    /// The SHA-256 of what it is of, in hexadecimal digits.
    pub(crate) sha256: String,
    /// How many tokens it has at most.
    pub(crate) tokens: u64,
    pub(crate) text: String,
}

/// What the memory holds before.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) place: Place,
    pub(crate) scope: String,
    pub(crate) key: String,
    pub(crate) value: Value,
    pub(crate) classification: Option<String>,
    pub(crate) trusted: bool,
}

/// What a call comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) what: What,
    /// How long it takes, in milliseconds.
    pub(crate) takes: u64,
    /// When it comes at the earliest, in milliseconds after the start: as in the run that it is of.
    pub(crate) at: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum What {
    Value(Value),
    Error { code: String, message: String },
    Doubt,
}

/// What a person says at a gate.
#[derive(Debug, Clone)]
pub(crate) struct Decided {
    pub(crate) yes: bool,
    /// What the person made of what was shown.
    pub(crate) edit: Option<Value>,
    pub(crate) by: By,
}

/// What is said of an effect in doubt.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) resolution: journal::Resolution,
    pub(crate) value: Value,
    pub(crate) by: By,
}

/// Who decides, why, and how long after being asked, in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct By {
    pub(crate) actor: String,
    pub(crate) reason: Option<String>,
    pub(crate) after: u64,
}

/// Something from outside.
#[derive(Debug, Clone)]
pub(crate) struct Signal {
    pub(crate) name: String,
    /// In milliseconds after the start.
    pub(crate) at: u64,
    pub(crate) value: Value,
}

/// What is expected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expect {
    pub(crate) end: Ending,
    pub(crate) output: Option<Value>,
    pub(crate) contains: Option<Value>,
    pub(crate) holds: Vec<Template>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) steps: ByStep<&'static str>,
    pub(crate) calls: ByStep<Calls>,
    pub(crate) at_least: Option<u64>,
    pub(crate) at_most: Option<u64>,
    pub(crate) tokens: ByStep<u64>,
}

/// How a run is expected to stand when nothing more happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ending {
    #[default]
    Succeeded,
    Failed,
    Cancelled,
    Waiting,
}

impl Ending {
    pub(crate) const WORDS: [(&'static str, Ending); 4] = [
        ("succeeded", Ending::Succeeded),
        ("failed", Ending::Failed),
        ("cancelled", Ending::Cancelled),
        ("waiting", Ending::Waiting),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, ending)| *ending == self).map_or("", |(word, _)| word)
    }
}

/// Which calls of a step are expected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls {
    pub(crate) times: Option<u32>,
    /// What the arguments of one of them hold.
    pub(crate) with: Option<Value>,
    /// What the arguments of one of them are.
    pub(crate) exactly: Option<Value>,
}

/// The word for a step that was not begun.
pub(crate) const NOT_BEGUN: &str = "not_begun";

/// The word for a step that neither did anything nor may have done so: it was passed over, cancelled or not begun.
pub(crate) const NOT_DONE: &str = "not_done";

/// How a step can stand.
pub(crate) const STATUSES: [&str; 8] =
    ["succeeded", "failed", "skipped", "cancelled", "waiting", "running", "in_doubt", NOT_BEGUN];

impl Suite {
    /// The file as it was named.
    pub fn file(&self) -> &str {
        &self.source.file
    }

    /// The workflow that the tests are of, where the file says it.
    pub fn workflow(&self) -> Option<&str> {
        self.workflow.as_deref()
    }

    /// The names of the cases, in their order.
    pub fn cases(&self) -> impl ExactSizeIterator<Item = &str> {
        self.cases.iter().map(|case| case.name.as_str())
    }

    /// Whether all steps that the tests name are there.
    ///
    /// # Errors
    /// [`Code::WorkflowTestFile`] for each that is not, with the nearest that is.
    pub fn fits(&self, plan: &Plan) -> Result<(), Vec<Error>> {
        let mut errors = Vec::new();
        let outside = std::iter::once(&self.shared).chain(self.cases.iter().map(|case| &case.outside));
        for Outside { answers, gates, doubts, .. } in outside {
            let named = places(answers).chain(places(gates)).chain(places(doubts));
            errors.extend(named.filter_map(|(path, place)| self.unknown(plan, path, place)));
        }
        for Expect { steps, calls, tokens, .. } in self.cases.iter().map(|case| &case.expect) {
            let expected = places(steps).chain(places(calls)).chain(places(tokens));
            errors.extend(expected.filter_map(|(path, place)| self.unknown(plan, path, place)));
        }
        errors.sort_by_key(|error| error.location().map(|place| (place.line, place.column)));
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn unknown(&self, plan: &Plan, path: &str, place: Place) -> Option<Error> {
        let name = step_of(path);
        if plan.step(name).is_some() {
            return None;
        }
        let known = plan.steps().iter().map(|planned| planned.step.name.as_str());
        let next = match base::config::nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("there is {}", known.take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
            }
        };
        let message =
            format!("the workflow `{}` has no step `{}`", plan.name(), name.chars().take(60).collect::<String>());
        let error = Error::new(Code::WorkflowTestFile, message, next);
        Some(self.source.shown(error.at(place.in_file(&self.source.file))))
    }
}

fn places<T>(named: &ByStep<T>) -> impl Iterator<Item = (&str, Place)> {
    named.iter().map(|(path, (place, _))| (path.as_str(), *place))
}

/// The step that a path is of: `look_up[2]`, `look_up@0[2]`, `improve#1`, `move~undo`, `report~summary`.
pub(crate) fn step_of(path: &str) -> &str {
    path.split(['[', '@', '#', '~']).next().unwrap_or(path)
}
