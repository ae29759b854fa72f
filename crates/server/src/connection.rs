//! Accepting connections and ending them in order.

use crate::Shared;
use crate::routes::Routes;
use base::alarm::Alarm;
use base::rare::Rare;
use base::{clock, task};
use hyper::rt;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use resilience::places::Place;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The most bytes of a request's head.
const HEAD: usize = 64 << 10;

/// The most headers of a request.
const HEADERS: usize = 100;

/// Serves connections until `shutdown`, then waits for those that are in the middle of something.
pub(crate) async fn serve(listener: TcpListener, routes: Routes, shared: Arc<Shared>, shutdown: CancellationToken) {
    let tracker = TaskTracker::new();
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = accept(&listener, routes, &shared, &tracker) => {}
    }
    drop(listener);
    shared.shutdown.cancel();
    shared.subscribers.close();
    tracker.close();
    shared.conversations.close();
    let rest = async { tokio::join!(tracker.wait(), shared.conversations.wait()) };
    if tokio::time::timeout(shared.limits.drain, rest).await.is_err() {
        let connections = tracker.len() + shared.conversations.len();
        tracing::warn!(connections, "some requests did not end in time and are cut off");
    }
}

/// Accepts connections for ever, each in a task of its own.
pub(crate) async fn accept(listener: &TcpListener, routes: Routes, shared: &Arc<Shared>, tracker: &TaskTracker) {
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: without a pause this would spin until one is free.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Beyond the limit connections are closed at once: one that waits would hold what the others need.
        let Some(place) = shared.places.take(Some(from.ip())) else { continue };
        let connection = serve_one(stream, routes.clone(), Arc::clone(shared), Arc::new(place));
        task::spawn_light(tracker.track_future(connection));
    }
}

/// Serves one connection, which has its place until it ends: as a WebSocket that may be later.
async fn serve_one(stream: TcpStream, routes: Routes, shared: Arc<Shared>, place: Arc<Place>) {
    // Without this an answer in two small pieces waits 40 ms for the acknowledgement of the first.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let hangup = CancellationToken::new();
    let connection = http1::Builder::new()
        .timer(Timer::default())
        .header_read_timeout(shared.limits.arrival)
        .max_buf_size(HEAD)
        .max_headers(HEADERS)
        .half_close(false)
        .serve_connection(TokioIo::new(stream), routes.on(hangup.clone(), place))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // Polled only when they have something to say, and not whenever the connection has.
    let mut hung_up = Rare::new(hangup.cancelled_owned());
    let mut shut_down = Rare::new(shared.shutdown.clone().cancelled_owned());
    poll_fn(|context| {
        loop {
            if connection.as_mut().poll(context).is_ready() || hung_up.poll(context).is_ready() {
                return Poll::Ready(());
            }
            ready!(shut_down.poll(context));
            connection.as_mut().graceful_shutdown();
        }
    })
    .await;
}

/// The time for one connection: all its limits, of which there is one at a time, share an alarm.
#[derive(Clone, Default)]
struct Timer(Arc<Mutex<Option<Alarm>>>);

/// One such limit.
struct Limit(Instant, Timer);

impl rt::Timer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(clock::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Limit(deadline, self.clone()))
    }
}

impl Future for Limit {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self(deadline, Timer(shared)) = &*self;
        let mut alarm = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let alarm = alarm.get_or_insert_with(|| Alarm::at((*deadline).into()));
        alarm.set((*deadline).into());
        alarm.poll(context)
    }
}

impl rt::Sleep for Limit {}
