//! Taking over a changed configuration without dropping a client.

use crate::status;
use assembly::config::{self, Loaded};
use assembly::keeper::Keeper;
use base::{Error, Result};
use console::output::Style;
use hubs::context::Context;
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Editors write a file in several steps; the last of them counts.
const SETTLE: Duration = Duration::from_millis(150);

/// Has `keeper` take the configuration whenever one of its files changes and on SIGHUP, until `stop`. `before` is the
/// fingerprint of what its files held when they were read.
pub async fn follow(
    context: &Context,
    keeper: &Keeper,
    mut before: Vec<Option<[u8; 32]>>,
    stop: &CancellationToken,
) -> Result<()> {
    let changed = Arc::new(Notify::new());
    let first = keeper.current().await;
    let mut watched = first.watched.clone();
    let mut watcher = watch(&watched, Arc::clone(&changed));
    let mut hang_up = hang_up()?;
    let mut prompts = keeper.prompts().changes();
    // It may be long ago that they were read, and nobody was told of changes since.
    if config::fingerprint(&watched) != before {
        changed.notify_one();
    }
    loop {
        let told = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            Ok(()) = prompts.changed() => {
                if let Err(error) = keeper.follow_prompts().await {
                    context.output.complaints(std::slice::from_ref(&error));
                }
                continue;
            }
            () = changed.notified() => false,
            () = hang_up.next() => true,
        };
        if !told {
            tokio::time::sleep(SETTLE).await;
        }
        // An event that changed nothing, such as a new date, is none.
        let now = config::fingerprint(&watched);
        if told || now != before {
            before = now;
            // What is shown without a configuration stays so, whatever is written meanwhile.
            let loaded = if first.demo { Ok(config::demo(&context.environment)) } else { context.load() };
            match loaded {
                Ok(loaded) => {
                    // A server may name a file that nobody watched before, and that may have changed meanwhile.
                    if loaded.watched != watched {
                        watched.clone_from(&loaded.watched);
                        drop(watcher.take());
                        watcher = watch(&watched, Arc::clone(&changed));
                        changed.notify_one();
                    }
                    Box::pin(apply(context, &first, loaded, keeper)).await;
                }
                Err(failures) => keep(context, &failures.0),
            }
        }
    }
}

async fn apply(context: &Context, first: &Loaded, loaded: Loaded, keeper: &Keeper) {
    let output = &context.output;
    let before = keeper.hub().upstreams();
    let moved = loaded.listen != first.listen || loaded.sockets != first.sockets;
    if let Err(errors) = keeper.take(loaded).await {
        return keep(context, &errors);
    }
    output.message(&output.paint_message(Style::Faint, "the configuration was read again"));
    if moved {
        output.message("note: `listen` and `socket` are taken over when the hub is started again");
    }
    for upstream in keeper.hub().upstreams() {
        if !before.iter().any(|old| Arc::ptr_eq(old, &upstream)) {
            base::task::spawn("status line", status::tell(output.clone(), upstream, keeper.runs().cloned()));
        }
    }
}

/// A configuration with faults changes nothing: what runs goes on.
fn keep(context: &Context, errors: &[Error]) {
    context.output.complaints(errors);
    context.output.message("the configuration has faults; the hub goes on with the one before");
}

/// Watches the folders of `paths`, since editors put a new file in the place of the old one. Where watching fails,
/// SIGHUP is left.
fn watch(paths: &[PathBuf], changed: Arc<Notify>) -> Option<notify::RecommendedWatcher> {
    let mut folders: Vec<PathBuf> = paths.iter().filter_map(|path| path.parent().map(PathBuf::from)).collect();
    folders.sort();
    folders.dedup();
    // The user's configuration folder mostly does not exist; a file that appears there is found at the next start.
    folders.retain(|folder| folder.is_dir());
    let names: Vec<PathBuf> = paths.to_vec();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let ours = event.is_ok_and(|event| {
            let named = |path: &PathBuf| names.iter().any(|name| name.file_name() == path.file_name());
            may_change(&event.kind) && event.paths.iter().any(named)
        });
        if ours {
            changed.notify_one();
        }
    });
    let mut watcher =
        watcher.inspect_err(|error| tracing::warn!(%error, "configuration files cannot be watched")).ok()?;
    for folder in folders {
        if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
            tracing::warn!(%error, folder = %folder.display(), "a folder cannot be watched");
        }
    }
    Some(watcher)
}

/// Whether such an event may have changed what is in a file. To open and read one is told too, and would lead to the next
/// reading for ever.
fn may_change(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if *access != AccessKind::Close(AccessMode::Write))
}

#[cfg(unix)]
struct HangUp(tokio::signal::unix::Signal);

#[cfg(unix)]
fn hang_up() -> Result<HangUp> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::hangup())
        .map(HangUp)
        .map_err(|error| Error::internal(format!("SIGHUP cannot be taken: {error}")))
}

#[cfg(unix)]
impl HangUp {
    async fn next(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(not(unix))]
struct HangUp;

#[cfg(not(unix))]
fn hang_up() -> Result<HangUp> {
    Ok(HangUp)
}

#[cfg(not(unix))]
impl HangUp {
    async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests;
