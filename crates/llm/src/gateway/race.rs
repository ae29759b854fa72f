//! Two deployments at once: a second is asked where the first takes longer than nearly all its answers do.

use super::attempt::Attempted;
use crate::lane::Lane;
use base::clock;
use resilience::Moment;
use resilience::budget::{Budget, Settings};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many more requests there may be for the sake of speed: a share of all.
pub(super) struct Allowance {
    began: Instant,
    budget: Mutex<Option<Budget>>,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { began: clock::now(), budget: Mutex::new(None) }
    }
}

/// Without traffic there are none, and few are saved up: what is saved costs money when everything is slow at once.
fn settings(share: f64) -> Settings {
    Settings { share, floor: 0.0, most: 10.0 }
}

impl Allowance {
    /// A request came.
    pub(super) fn came(&self, share: f64) {
        self.with(share, |budget, settings, _| budget.called(settings));
    }

    /// Takes one more request, if there may be one.
    pub(super) fn spend(&self, share: f64) -> bool {
        self.with(share, Budget::spend)
    }

    fn with<T>(&self, share: f64, work: impl FnOnce(&mut Budget, &Settings, Moment) -> T) -> T {
        let (settings, now) = (settings(share), clock::now().saturating_duration_since(self.began));
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        work(budget.get_or_insert_with(|| Budget::new(&settings, now)), &settings, now)
    }
}

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
