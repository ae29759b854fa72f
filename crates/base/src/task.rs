//! Tasks that do not get lost.

use std::future::Future;
use tokio::task::JoinHandle;

/// Runs `future` as a task of its own under `name`. A panic in it is logged with that name instead of vanishing.
///
/// The handle may be dropped: the task goes on.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let inner = tokio::spawn(future);
    let watch = Watch { name, handle: inner };
    tokio::spawn(watch.report())
}

/// Runs a task whose panic is of no interest beyond its owner, without the second task that reports it. For tasks that
/// exist by the thousand, such as connections.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn_light<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}

/// Runs `work`, which may block, on a thread of its own.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> crate::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| crate::Error::internal(format!("a task failed: {error}")))
}

struct Watch {
    name: &'static str,
    handle: JoinHandle<()>,
}

impl Watch {
    async fn report(self) {
        if let Err(error) = self.handle.await
            && error.is_panic()
        {
            tracing::error!(task = self.name, %error, "a task panicked");
        }
    }
}
