//! How runs end, and are forgotten.

use super::tools::{
    BEGIN, about, by, claimed, created, definition, from_outside, held, json, new_run, refused, same, there, timer_set,
    words,
};
use super::{Checked, Store};
use crate::limits::INLINE;
use crate::{
    Append, Decision, Digest, End, Entry, Held, JournalError, Kind, NewRun, Rest, RunId, Signal, Signalled, Status,
};

fn end(at: u64, end: End) -> Entry {
    Entry::of_run(at, Kind::Finished(end))
}

pub(super) async fn finished(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let entries = vec![timer_set("a", "wait", BEGIN)?, end(BEGIN + 50, End::Failed)];
    store.append(by(held, 1, entries)).await?;
    let run = store.run(held.run).await?;
    same("how it stands", (run.status, run.finished_at, run.worker), (Status::Failed, Some(BEGIN + 50), None))?;
    same("its timers", store.due(u64::MAX, 10).await?.timers, vec![])?;
    same("who can have it", claimed(&store, "second", u64::MAX / 4).await?, vec![])?;
    let finished = JournalError::Finished(held.run);
    refused("more", store.append(by(held, 3, vec![about("a", 1, Kind::Succeeded)?])).await, &finished)?;
    let decision = Decision { actor: "ada".to_owned(), reason: None };
    let outside =
        Append { expected: 3, ..from_outside(held.run, 3, vec![Entry::of_run(BEGIN, Kind::Paused(decision))]) };
    refused("more from outside", store.append(outside).await, &finished)?;
    let signal =
        Signal { run: held.run, at: BEGIN, name: "paid".to_owned(), deduplication: "1".to_owned(), body: json("{}")? };
    refused("an event", store.signal(signal).await, &finished)?;
    refused("giving it back", store.release(held, Rest::Ready { at: BEGIN }).await, &finished)?;
    same("keeping it", store.renew(vec![held], BEGIN, super::tools::LEASE).await?, vec![held.run])?;
    store.revoke(held.run, BEGIN).await?;
    same("who can have it then", claimed(&store, "second", u64::MAX / 4).await?, vec![])?;
    same(
        "the journal",
        words(&*store, held.run).await?,
        ["started", "timer_set", "finished"].map(str::to_owned).to_vec(),
    )
}

/// A run of the definition `workflow` whose steps gave `results`, and that ends at `at` unless that is nothing.
async fn with_results(store: &Store, number: u8, workflow: &str, results: &[&str], at: Option<u64>) -> Checked<RunId> {
    store.define(definition(workflow), BEGIN).await?;
    let new = NewRun { definition: definition(workflow).hash, ..new_run(number)? };
    let run = store.create_run(new).await?.id();
    let leases = claimed(store, "first", BEGIN + 100).await?;
    let held: Held = there("a lease", leases.iter().find(|lease| lease.held.run == run))?.held;
    let step =
        |(index, result): (usize, &&str)| Ok(about(&format!("a[{index}]"), 1, Kind::Succeeded)?.with(json(result)?));
    let mut entries: Vec<Entry> = results.iter().enumerate().map(step).collect::<Checked<_>>()?;
    entries.extend(at.map(|at| end(at, End::Succeeded)));
    entries.push(Entry::of_run(BEGIN, Kind::Expanded));
    // What comes after the end is refused, so it stands there only where there is none.
    entries.truncate(results.len() + 1);
    store.append(by(held, 1, entries)).await?;
    Ok(run)
}

pub(super) async fn pruned(store: Store) -> Checked {
    let large = |letter: &str| format!("\"{}\"", letter.repeat(INLINE));
    let (own, shared) = (large("o"), large("s"));
    let digest = |json: &str| Digest::of(json.as_bytes());
    let old = with_results(&store, 1, "old", &[&own, &shared], Some(BEGIN + 10)).await?;
    let late = with_results(&store, 2, "report", &[&shared], Some(BEGIN + 20)).await?;
    let open = with_results(&store, 3, "report", &[], None).await?;
    same("before anything ended", store.prune(BEGIN + 10, 10).await?, 0)?;
    same("no more than asked for", store.prune(BEGIN + 11, 0).await?, 0)?;
    same("the old one", store.prune(BEGIN + 11, 10).await?, 1)?;
    refused("the old one then", store.load(old, 1, 10).await, &JournalError::RunUnknown(old))?;
    refused("its own payload", store.payload(digest(&own)).await, &JournalError::PayloadUnknown(digest(&own)))?;
    same("what another has too", store.payload(digest(&shared)).await?, json(&shared)?)?;
    same("a definition that no run has", store.definition(definition("old").hash).await?, None)?;
    there("a definition that a run has", store.definition(definition("report").hash).await?)?;
    same("the late one", store.prune(u64::MAX, 10).await?, 1)?;
    refused("the late one then", store.run(late).await, &JournalError::RunUnknown(late))?;
    refused("what both had", store.payload(digest(&shared)).await, &JournalError::PayloadUnknown(digest(&shared)))?;
    same("the one that did not end", words(&*store, open).await?.len(), 2)?;
    // What recognises what came twice goes with the run.
    let again = created(&store, 4).await?;
    let signal =
        Signal { run: again, at: BEGIN, name: "n".to_owned(), deduplication: "1".to_owned(), body: json("1")? };
    same("an event of a new run", store.signal(signal).await?, Signalled::Recorded)
}
