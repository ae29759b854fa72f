//! Tasks that do not get lost.

use std::future::Future;
use std::pin::Pin;
use tokio::task::JoinHandle;

/// Runs `future` as a task of its own under `name`. A panic in it is logged with that name instead of vanishing.
///
/// The handle may be dropped: the task goes on. It may be aborted: the task ends.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        let _watch = Watch(name);
        future.await;
    })
}

/// Runs a task whose panic and result are its owner's affair.
#[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
pub fn spawn_light<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}

/// The future that `make` gives, in memory of its own. [`Box::pin`] would make it on the stack and copy it, with all the room that
/// it will need later; here the memory is there first, and only what it begins with is written.
#[inline]
pub fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    let room = Box::new_uninit();
    Box::into_pin(Box::write(room, make()))
}

/// Runs `work`, which may block, on a thread of its own.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> crate::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| crate::Error::internal(format!("a task failed: {error}")))
}

/// Dropped at the end of a task, whichever that is.
struct Watch(&'static str);

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(task = self.0, "a task panicked");
        }
    }
}
