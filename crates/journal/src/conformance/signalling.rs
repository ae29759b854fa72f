//! Events outside, and who is told of what is new.

use super::tools::{
    BEGIN, by, claimed, created, from_outside, held, invalid, json, new_run, refused, runs, same, there, words,
};
use super::{Checked, Failure, Store};
use crate::limits::INLINE;
use crate::{
    Decision, Digest, End, Entry, JournalError, Kind, News, Payload, Recorded, Rest, RunId, Signal, Signalled, Status,
    Wake, Wanted,
};

fn paid(run: RunId, key: &str, at: u64) -> Checked<Signal> {
    Ok(Signal { run, at, name: "paid".to_owned(), deduplication: key.to_owned(), body: json("{\"sum\":12}")? })
}

pub(super) async fn once(store: Store) -> Checked {
    let (run, other) = (created(&store, 1).await?, created(&store, 2).await?);
    let unknown = super::tools::name(9);
    refused("an unknown run", store.signal(paid(unknown, "k", BEGIN)?).await, &JournalError::RunUnknown(unknown))?;
    same("the first", store.signal(paid(run, "k", BEGIN + 5)?).await?, Signalled::Recorded)?;
    same("the same again", store.signal(paid(run, "k", BEGIN + 6)?).await?, Signalled::Known)?;
    same("the same for another run", store.signal(paid(other, "k", BEGIN + 7)?).await?, Signalled::Recorded)?;
    same("another key", store.signal(paid(run, "l", BEGIN + 8)?).await?, Signalled::Recorded)?;
    let entry = Entry::of_run(BEGIN + 5, Kind::Signal { name: "paid".to_owned() }).with(json("{\"sum\":12}")?);
    same("the entry", store.load(run, 2, 1).await?, vec![Recorded { sequence: 2, entry }])?;
    same("the journal", words(&*store, run).await?.len(), 3)?;
    let large = json(&format!("\"{}\"", "p".repeat(INLINE)))?;
    let digest = Digest::of(large.inline().unwrap_or_default().as_bytes());
    let stored = Payload::Stored { digest, bytes: large.size() };
    let unknown = store.signal(Signal { body: stored, ..paid(run, "m", BEGIN)? }).await;
    refused("a body that is not kept", unknown, &JournalError::PayloadUnknown(digest))?;
    same(
        "a large one",
        store.signal(Signal { body: large.clone(), ..paid(run, "m", BEGIN)? }).await?,
        Signalled::Recorded,
    )?;
    same("its body", store.payload(digest).await?, large)?;
    invalid("no key", store.signal(paid(run, "", BEGIN)?).await, "a key")?;
    invalid("no name", store.signal(Signal { name: String::new(), ..paid(run, "n", BEGIN)? }).await, "has a name")
}

pub(super) async fn wakes(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    store.append(by(held, 1, vec![super::tools::timer_set("a", "wait", BEGIN + 900)?])).await?;
    store.release(held, Rest::Waiting { expected: 2, status: Status::Waiting }).await?;
    same("a run that waits", claimed(&store, "second", BEGIN + 10).await?, vec![])?;
    store.signal(paid(held.run, "k", BEGIN + 20)?).await?;
    let leases = claimed(&store, "second", BEGIN + 20).await?;
    same("after the event", runs(&leases), vec![held.run])?;
    let held = there("the lease", leases.first())?.held;
    store.release(held, Rest::Waiting { expected: 3, status: Status::Waiting }).await?;
    same("once it was seen", claimed(&store, "third", BEGIN + 30).await?, vec![])?;
    let decision = Decision { actor: "ada".to_owned(), reason: None };
    let paused = Entry::of_run(BEGIN + 40, Kind::Paused(decision));
    store.append(from_outside(held.run, 3, vec![paused])).await?;
    same("after what a person said", runs(&claimed(&store, "third", BEGIN + 40).await?), vec![held.run])
}

pub(super) async fn between(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    store.signal(paid(held.run, "k", BEGIN + 5)?).await?;
    same("nobody else gets the run", claimed(&store, "second", BEGIN + 6).await?, vec![])?;
    let conflict = JournalError::Conflict { run: held.run, expected: 1, found: 2 };
    let note = || vec![Entry::of_run(BEGIN, Kind::Expanded)];
    refused("who does not know of it", store.append(by(held, 1, note())).await, &conflict)?;
    refused(
        "who would wait",
        store.release(held, Rest::Waiting { expected: 1, status: Status::Waiting }).await,
        &conflict,
    )?;
    same("what is new", store.load(held.run, 2, 10).await?.len(), 1)?;
    same("who knows", store.append(by(held, 2, note())).await?, 3)?;
    store.release(held, Rest::Waiting { expected: 3, status: Status::Waiting }).await?;
    Ok(())
}

pub(super) async fn watched(store: Store) -> Checked {
    let mut watch = store.watch(Wanted::All);
    let held = held(&store, 1).await?;
    let run = held.run;
    let wanted = |ready| Some(News::Run(Wake { run, ready, ended: None }));
    let mut news = async |what: &str, ready| match watch.next().await {
        found if found == wanted(ready) => Ok(()),
        found => Err(Failure(format!("news of {what}: wanted {:?}, found {found:?}", wanted(ready)))),
    };
    news("the new run", true).await?;
    store.append(by(held, 1, vec![Entry::of_run(BEGIN, Kind::Expanded)])).await?;
    news("what its worker appends", false).await?;
    store.signal(paid(run, "k", BEGIN)?).await?;
    news("an event", true).await?;
    store.release(held, Rest::Waiting { expected: 3, status: Status::Waiting }).await?;
    news("a run that waits", false).await?;
    store.revoke(run, BEGIN).await?;
    news("a run that was taken", true).await?;
    store.signal(paid(run, "k", BEGIN)?).await?;
    let refused = store.append(by(held, 1, vec![Entry::of_run(BEGIN, Kind::Expanded)])).await;
    same("an append that is refused", refused.is_err(), true)?;
    let again = store.create_run(crate::NewRun { id: super::tools::name(2), ..new_run(2)? }).await?.id();
    let found = watch.next().await;
    same("nothing of what changed nothing", found, Some(News::Run(Wake::ready(again))))?;
    drop(store);
    Ok(())
}

pub(super) async fn wanted(store: Store) -> Checked {
    let (mut ready, mut ended) = (store.watch(Wanted::Ready), store.watch(Wanted::Ended));
    let held = held(&store, 1).await?;
    store.append(by(held, 1, vec![Entry::of_run(BEGIN, Kind::Expanded)])).await?;
    store.append(by(held, 2, vec![Entry::of_run(BEGIN, Kind::Finished(End::Succeeded))])).await?;
    same("the new run", ready.waiting(), Some(News::Run(Wake::ready(held.run))))?;
    same("what its worker appends", ready.waiting(), None)?;
    let over = Wake { run: held.run, ready: false, ended: Some(3) };
    same("its end alone", ended.waiting(), Some(News::Run(over)))?;
    same("nothing else", ended.waiting(), None)
}
