//! Two deployments at once: a second is asked where the first takes longer than nearly all its answers do.

use super::attempt::Attempted;
use crate::lane::Lane;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// One deployment's part in a race.
pub(super) type Runner<'a> = Pin<Box<dyn Future<Output = Attempted> + Send + 'a>>;

/// What came of a race.
pub(super) struct Finish {
    /// Those that are over, in the order in which they ended, the winner last.
    pub(super) over: Vec<(Arc<Lane>, Attempted)>,
    /// The one that was given up because the other was quicker.
    pub(super) given_up: Option<Arc<Lane>>,
}

/// What became of a runner before `delay` has passed; nothing if it is still running.
pub(super) async fn within(runner: &mut Runner<'_>, delay: Duration) -> Option<Attempted> {
    tokio::time::timeout(delay, runner).await.ok()
}

/// Waits for the first of two that answers, and gives the other up; if one fails, the other is waited for.
pub(super) async fn run<'a>(
    (one, mut runner): (Arc<Lane>, Runner<'a>),
    (other, mut beside): (Arc<Lane>, Runner<'a>),
) -> Finish {
    let (early, late, rest) = tokio::select! {
        biased;
        attempted = &mut runner => ((one, attempted), other, beside),
        attempted = &mut beside => ((other, attempted), one, runner),
    };
    if early.1.is_final() {
        return Finish { over: vec![early], given_up: Some(late) };
    }
    let attempted = rest.await;
    Finish { over: vec![early, (late, attempted)], given_up: None }
}
