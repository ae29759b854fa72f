//! Whose a run is.

use base::Result;
use base::ports::Principal;
use journal::{JournalError, Run, RunId};
use runner::Runner;

/// Whoever is known by `name`.
pub(crate) fn principal(name: &str) -> Principal {
    Principal { name: name.to_owned(), ..Principal::local() }
}

/// Whether `name` may know of a run: its own, or any for whoever runs the hub.
pub(crate) fn may_see(run: &Run, name: &str) -> bool {
    let local = Principal::local();
    run.tenant == local.tenant && (run.principal == name || name == local.name)
}

/// A run that `name` may know of.
///
/// # Errors
/// [`base::Code::RunUnknown`]: there is none, or it is another's.
pub(crate) async fn run_of(runner: &dyn Runner, run: RunId, name: &str) -> Result<Run> {
    let listed = runner.run(run).await?;
    if may_see(&listed, name) { Ok(listed) } else { Err(JournalError::RunUnknown(run).into()) }
}

/// All that is wrong with a start, as the one error of a request.
pub(crate) fn together(errors: &[base::Error]) -> base::Error {
    match errors {
        [] => base::Error::internal("a run cannot begin, without an error"),
        [one] => one.clone(),
        [first, ..] => {
            let all: Vec<&str> = errors.iter().map(base::Error::message).collect();
            base::Error::new(first.code(), all.join("; "), "correct all of them")
        }
    }
}
