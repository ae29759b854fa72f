//! Who has which run.

use super::tools::{
    BEGIN, HOUR, LEASE, LEASE_MILLISECONDS, about, by, claim, claimed, created, held, invalid, lease, name, new_run,
    refused, runs, same, there, timer_set, words,
};
use super::{Checked, Store};
use crate::{Amount, Claim, Created, Entry, FIRST_FENCE, Held, JournalError, Kind, NewRun, Rest, Status};
use std::time::Duration;

fn note() -> Vec<Entry> {
    vec![Entry::of_run(BEGIN, Kind::Expanded)]
}

fn fenced(held: Held) -> JournalError {
    JournalError::Fenced { run: held.run, held: held.fence, current: held.fence + 1 }
}

pub(super) async fn one(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let end = BEGIN + 1 + LEASE_MILLISECONDS;
    same("while it is leased", claimed(&store, "second", end - 1).await?, vec![])?;
    let leases = claimed(&store, "second", end).await?;
    let lease = there("once the lease is over", leases.first())?;
    same("the fence", lease.held, Held { run: held.run, fence: held.fence + 1 })?;
    same("its end", lease.until, end + LEASE_MILLISECONDS)?;
    same("who has it", store.run(held.run).await?.worker.as_deref(), Some("second"))?;
    same("for a third", claimed(&store, "third", end).await?, vec![])
}

pub(super) async fn zombie(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let late = BEGIN + 1 + LEASE_MILLISECONDS;
    // Over, but nobody else's: what it did is not lost.
    same("the first worker, late", store.append(by(held, 1, note())).await?, 2)?;
    let other = there("a lease", claimed(&store, "second", late).await?.first().cloned())?.held;
    refused("its append", store.append(by(held, 2, note())).await, &fenced(held))?;
    refused("its append at another place", store.append(by(held, 9, note())).await, &fenced(held))?;
    refused("its release", store.release(held, Rest::Ready { at: late }).await, &fenced(held))?;
    refused(
        "its waiting",
        store.release(held, Rest::Waiting { expected: 2, status: Status::Waiting }).await,
        &fenced(held),
    )?;
    same("its renewal", store.renew(vec![held, other], late, LEASE).await?, vec![held.run])?;
    same("the second worker", store.append(by(other, 2, note())).await?, 3)?;
    store.release(other, Rest::Waiting { expected: 3, status: Status::Waiting }).await?;
    let returned = JournalError::Fenced { run: other.run, held: other.fence, current: other.fence };
    refused("an append after the release", store.append(by(other, 3, note())).await, &returned)?;
    refused(
        "a second release",
        store.release(other, Rest::Waiting { expected: 3, status: Status::Waiting }).await,
        &returned,
    )?;
    same("a renewal after the release", store.renew(vec![other], late, LEASE).await?, vec![other.run])?;
    same("the journal", words(&*store, held.run).await?.len(), 3)
}

pub(super) async fn from_the_beginning(store: Store) -> Checked {
    store.define(super::tools::definition("report"), BEGIN).await?;
    let new = NewRun { lease: Some(lease("first", LEASE)), deduplication: Some("k".to_owned()), ..new_run(1)? };
    let (at, listed) = (new.at, new.listed("report".to_owned()));
    same("the run", store.create_run(new.clone()).await?, Created::New(name(1)))?;
    same("how it is listed", store.run(name(1)).await?, listed)?;
    let again = NewRun { id: name(2), ..new };
    same("the same key again", store.create_run(again).await?, Created::Existing(name(1)))?;
    same("for others", claimed(&store, "second", at + LEASE_MILLISECONDS - 1).await?, vec![])?;
    let held = Held { run: name(1), fence: FIRST_FENCE };
    same("its append", store.append(by(held, 1, note())).await?, 2)?;
    same("what is lost", store.renew(vec![held], at, LEASE).await?, vec![])?;
    let lease = there("a lease", claimed(&store, "second", at + LEASE_MILLISECONDS).await?.pop())?;
    same("its fence", lease.held.fence, FIRST_FENCE + 1)?;
    refused("an append of the first worker", store.append(by(held, 2, note())).await, &fenced(held))
}

pub(super) async fn begun(store: Store) -> Checked {
    store.define(super::tools::definition("report"), BEGIN).await?;
    let amount = Amount { money: 5, tokens: 7 };
    let scheduled = about("a", 1, Kind::Scheduled)?;
    let first = vec![scheduled, about("a", 1, Kind::Reserved(amount))?, timer_set("a", "wait", BEGIN + HOUR)?];
    let nobody = NewRun { first: first.clone(), ..new_run(1)? };
    invalid("entries of nobody", store.create_run(nobody.clone()).await, "nobody has yet")?;
    let new = NewRun { lease: Some(lease("first", LEASE)), ..nobody };
    let outside = NewRun { first: vec![Entry::of_run(BEGIN, new.beginning().remove(0).kind)], ..new.clone() };
    invalid("a second beginning", store.create_run(outside).await, "made with the run alone")?;
    let twice = vec![about("a", 1, Kind::Succeeded)?, about("a", 1, Kind::Succeeded)?];
    let twice = store.create_run(NewRun { first: twice, ..new.clone() }).await;
    same("two results of a step", twice.is_err(), true)?;
    same("nothing was created", store.list(crate::Filter::default(), None, 10).await?.runs, vec![])?;
    store.create_run(new).await?;
    same("the journal", words(&*store, name(1)).await?.join(" ").as_str(), "started scheduled reserved timer_set")?;
    let run = store.run(name(1)).await?;
    same("what is set aside, and the last entry", (run.reserved, run.last), (amount, 4))?;
    same("its timer", store.due(BEGIN, 10).await?.next, Some(BEGIN + HOUR))?;
    let held = Held { run: name(1), fence: FIRST_FENCE };
    same("its append", store.append(by(held, 4, note())).await?, 5)
}

pub(super) async fn renewed(store: Store) -> Checked {
    let (first, second) = (held(&store, 1).await?, held(&store, 2).await?);
    let later = BEGIN + LEASE_MILLISECONDS - 1;
    same("what is lost", store.renew(vec![first], later, LEASE).await?, vec![])?;
    let found = runs(&claimed(&store, "other", later + LEASE_MILLISECONDS - 1).await?);
    same("what is over", found, vec![second.run])?;
    let found = runs(&claimed(&store, "third", later + LEASE_MILLISECONDS).await?);
    same("then", found, vec![first.run])
}

pub(super) async fn order(store: Store) -> Checked {
    created(&store, 1).await?;
    let of = |number, tag: &str, priority| new_run(number).map(|run| NewRun { tag: tag.to_owned(), priority, ..run });
    for run in [of(2, "default", 5)?, of(3, "gpu", 0)?, of(4, "gpu", 9)?, of(5, "mail", 99)?, of(6, "default", -1)?] {
        store.create_run(run).await?;
    }
    same("before the others were created", runs(&claimed(&store, "w", BEGIN + 1).await?), vec![name(1)])?;
    let ask = |tags: &[&str], most| Claim {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        most,
        ..claim("w", BEGIN + 100)
    };
    same("no tags", runs(&store.claim(ask(&[], 9)).await?), vec![])?;
    same("none", runs(&store.claim(ask(&["gpu"], 0)).await?), vec![])?;
    same("the first two", runs(&store.claim(ask(&["gpu", "default", "gpu"], 2)).await?), vec![name(4), name(2)])?;
    same("the rest", runs(&store.claim(ask(&["gpu", "default"], 9)).await?), vec![name(3), name(6)])?;
    same("another tag", runs(&store.claim(ask(&["mail"], 9)).await?), vec![name(5)])
}

pub(super) async fn given_back(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let conflict = JournalError::Conflict { run: held.run, expected: 0, found: 1 };
    refused(
        "waiting without looking",
        store.release(held, Rest::Waiting { expected: 0, status: Status::Waiting }).await,
        &conflict,
    )?;
    let over = store.release(held, Rest::Waiting { expected: 1, status: Status::Failed }).await;
    super::tools::invalid("waiting at its end", over, "failed")?;
    store.release(held, Rest::Waiting { expected: 1, status: Status::InDoubt }).await?;
    same("how it stands", store.run(held.run).await?.status, Status::InDoubt)?;
    same("who has it", store.run(held.run).await?.worker, None)?;
    same("a run that waits", claimed(&store, "second", u64::MAX / 4).await?, vec![])?;
    let other = super::tools::held(&store, 2).await?;
    store.release(other, Rest::Ready { at: BEGIN + 500 }).await?;
    same("before the time", claimed(&store, "second", BEGIN + 499).await?, vec![])?;
    let lease = there("at the time", claimed(&store, "second", BEGIN + 500).await?.first().cloned())?;
    same("its fence", lease.held, Held { run: other.run, fence: other.fence + 1 })
}

pub(super) async fn revoked(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    store.revoke(held.run, BEGIN + 5).await?;
    same("who has it", store.run(held.run).await?.worker, None)?;
    refused("its append", store.append(by(held, 1, note())).await, &fenced(held))?;
    let lease = there("a lease", claimed(&store, "second", BEGIN + 5).await?.first().cloned())?;
    same("its fence", lease.held.fence, held.fence + 2)?;
    store.release(lease.held, Rest::Waiting { expected: 1, status: Status::Waiting }).await?;
    store.revoke(held.run, BEGIN + 6).await?;
    same("a run that nobody has still waits", claimed(&store, "second", BEGIN + 6).await?, vec![])
}

pub(super) async fn ahead(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    store.append(by(held, 1, vec![timer_set("a", "wait", BEGIN + 2 * HOUR)?])).await?;
    let taken = there("a lease an hour ahead", claimed(&store, "second", BEGIN + HOUR).await?.first().cloned())?.held;
    same("the timer", store.due(BEGIN + HOUR, 10).await?.timers, vec![])?;
    same("the second worker", store.append(by(taken, 2, vec![about("a", 1, Kind::Succeeded)?])).await?, 3)?;
    let late = store.append(by(held, 2, vec![about("a", 1, Kind::Succeeded)?])).await;
    refused("the first worker, whose time is right", late, &fenced(held))?;
    same("the first worker's lease", store.renew(vec![held], BEGIN + 2, LEASE).await?, vec![held.run])
}

pub(super) async fn back(store: Store) -> Checked {
    let run = created(&store, 1).await?;
    let ahead = BEGIN + HOUR;
    let held = there("a lease", claimed(&store, "first", ahead).await?.first().cloned())?.held;
    // Who lives keeps it by renewing it.
    same("the renewal", store.renew(vec![held], BEGIN + 2, LEASE).await?, vec![])?;
    same("after it", claimed(&store, "second", BEGIN + 3).await?, vec![])?;
    same("an hour ahead again", store.renew(vec![held], ahead, LEASE).await?, vec![])?;
    // Two clocks are never quite the same.
    same("a clock that is a little behind", claimed(&store, "second", ahead - LEASE_MILLISECONDS).await?, vec![])?;
    let leases = claimed(&store, "second", BEGIN + 4).await?;
    same("a lease that ends too late to be one", runs(&leases), vec![run])?;
    let other = there("the lease", leases.first())?.held;
    same("the second worker", store.append(by(other, 1, note())).await?, 2)?;
    refused("the first worker", store.append(by(held, 2, note())).await, &fenced(held))?;
    // A run that waits for a timer far ahead is none of these.
    store.append(by(other, 2, vec![timer_set("a", "wait", BEGIN + 9 * HOUR)?])).await?;
    store.release(other, Rest::Waiting { expected: 3, status: Status::Waiting }).await?;
    same("a run that waits", claimed(&store, "third", BEGIN + 5).await?, vec![])
}

pub(super) async fn limits(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    for time in [Duration::ZERO, Duration::from_secs(601)] {
        invalid("a lease", store.claim(Claim { time, ..claim("w", BEGIN) }).await, "a lease lasts")?;
        invalid("a renewal", store.renew(vec![held], BEGIN, time).await, "a lease lasts")?;
    }
    invalid("a worker without a name", store.claim(claim("", BEGIN)).await, "a worker")
}
