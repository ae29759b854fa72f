//! Entries.

use super::tools::{
    BEGIN, about, by, claimed, created, from_outside, held, invalid, json, name, refused, same, step, there, timer_set,
    words,
};
use super::{Checked, Store};
use crate::limits::{BATCH, DECISIONS, ENDING, ENTRIES, INLINE, LARGEST_ENTRY, LARGEST_PAYLOAD};
use crate::{
    Amount, Append, Author, Decision, Digest, Effect, End, Entry, Gate, Held, IdempotencyKey, JournalError, Kind,
    Payload, Resolution, Status,
};

/// An entry of each kind, in an order that a journal may have.
pub(crate) fn one_of_each(run: crate::RunId) -> Checked<Vec<Entry>> {
    let decision = || Decision { actor: "ada".to_owned(), reason: Some("it is \"fine\"\n".to_owned()) };
    let gate = || Gate { plan: Digest::of(b"plan"), arguments: Digest::of(b"arguments"), expires: Some(BEGIN + 9) };
    let timer = || "expiry".to_owned();
    let (reserved, spent) = (Amount { money: 2_000_000, tokens: 900 }, Amount { money: 1_500_000, tokens: 812 });
    let key = IdempotencyKey::new(run, &step("save[3]#2")?, 0);
    let failed = Kind::Failed { code: "T-0204".to_owned(), message: "the server did not answer".to_owned() };
    let said = |kind| Entry::of_run(BEGIN, kind);
    let mut other = about("save", 0, Kind::Other("measured".to_owned()))?;
    other.more = vec![
        ("unit".to_owned(), conversation::Raw::text("ms")),
        ("of".to_owned(), conversation::Raw::of_valid("null")),
    ];
    Ok(vec![
        about("save[3]#2", 0, Kind::Scheduled)?,
        about("save[3]#2", 1, Kind::Attempted { effect: Effect::Unsafe, key })?,
        about("save[3]#2", 1, failed)?.with(json("{\"status\":503}")?),
        about("save[3]#2", 2, Kind::Succeeded)?.with(json("null")?),
        about("save[3]#2", 1, Kind::Orphaned { was: "succeeded".to_owned() })?.with(json("[1, 2.50]")?),
        timer_set("ask", "expiry", BEGIN + 7)?,
        about("ask", 0, Kind::TimerFired { timer: timer() })?,
        about("ask", 0, Kind::TimerCleared { timer: timer() })?,
        said(Kind::Signal { name: "paid".to_owned() }).with(json("{}")?),
        about("ask", 0, Kind::GateOpened(gate()))?.with(json("\"Publish?\"")?),
        about("ask", 0, Kind::GateApproved { decision: decision(), gate: gate() })?,
        about("ask", 0, Kind::GateRejected { decision: decision(), gate: Gate { expires: None, ..gate() } })?,
        about("ask", 0, Kind::GateExpired)?,
        said(Kind::Cancelled(Decision { reason: None, ..decision() })),
        said(Kind::Paused(decision())),
        said(Kind::Resumed(decision())),
        about("write", 1, Kind::Reserved(reserved))?,
        about("write", 1, Kind::Settled { reserved, spent })?,
        about("save[3]#2", 0, Kind::Compensated)?.with(json("true")?),
        about("send", 1, Kind::InDoubt)?,
        about("send", 1, Kind::Resolved { resolution: Resolution::Retry, decision: decision() })?,
        said(Kind::Expanded).with(json("{\"steps\":[]}")?),
        other,
        said(Kind::Finished(End::Succeeded)).with(json("{\"report\":\"tides.md\"}")?),
    ])
}

pub(super) async fn kinds(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let wanted = one_of_each(held.run)?;
    let last = store.append(by(held, 1, wanted.clone())).await?;
    same("the place of the last", last, 1 + wanted.len() as u64)?;
    let found = store.load(held.run, 2, BATCH).await?;
    same("their places", found.iter().map(|entry| entry.sequence).collect(), (2..=last).collect::<Vec<_>>())?;
    let found: Vec<Entry> = found.into_iter().map(|recorded| recorded.entry).collect();
    for (found, wanted) in found.into_iter().zip(wanted) {
        same("an entry", found, wanted)?;
    }
    Ok(())
}

pub(super) async fn parts(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let entries = (0..10).map(|item| about(&format!("a[{item}]"), 0, Kind::Scheduled)).collect::<Checked<_>>()?;
    store.append(by(held, 1, entries)).await?;
    for (from, most, wanted) in [(0, 3, vec![1, 2, 3]), (4, 2, vec![4, 5]), (10, 100, vec![10, 11]), (12, 5, vec![])] {
        let found = store.load(held.run, from, most).await?;
        same("the places", found.iter().map(|entry| entry.sequence).collect(), wanted)?;
    }
    Ok(())
}

pub(super) async fn places(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let scheduled = || about("a", 0, Kind::Scheduled);
    same("the second place", store.append(by(held, 1, vec![scheduled()?])).await?, 2)?;
    for expected in [0, 1, 3, 1000] {
        let found = store.append(by(held, expected, vec![scheduled()?])).await;
        refused("another place", found, &JournalError::Conflict { run: held.run, expected, found: 2 })?;
    }
    same("two at once", store.append(by(held, 2, vec![scheduled()?, scheduled()?])).await?, 4)?;
    same("the journal", words(&*store, held.run).await?.len(), 4)
}

pub(super) async fn whole(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    store.append(by(held, 1, vec![about("a", 1, Kind::Succeeded)?])).await?;
    let large = json(&format!("\"{}\"", "y".repeat(INLINE)))?;
    let digest = Digest::of(large.inline().unwrap_or_default().as_bytes());
    let batch = vec![
        timer_set("b", "wait", BEGIN)?,
        about("b", 1, Kind::Reserved(Amount { money: 5, tokens: 5 }))?.with(large),
        about("a", 2, Kind::Succeeded)?,
    ];
    let append = Append { status: Some(Status::Waiting), ..by(held, 2, batch) };
    let recorded = JournalError::ResultRecorded { run: held.run, step: step("a")? };
    refused("a batch with a second result", store.append(append).await, &recorded)?;
    same("the journal", words(&*store, held.run).await?.len(), 2)?;
    same("its timers", store.due(u64::MAX, 10).await?.timers, vec![])?;
    let run = store.run(held.run).await?;
    same("the run", (run.status, run.reserved), (Status::Running, Amount::default()))?;
    refused("its payload", store.payload(digest).await, &JournalError::PayloadUnknown(digest))
}

pub(super) async fn results(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let failed = |attempt| about("a", attempt, Kind::Failed { code: "T-0204".to_owned(), message: String::new() });
    let recorded = JournalError::ResultRecorded { run: held.run, step: step("a")? };
    store.append(by(held, 1, vec![failed(1)?, failed(2)?])).await?;
    refused("a second failure of an attempt", store.append(by(held, 3, vec![failed(2)?])).await, &recorded)?;
    store.append(by(held, 3, vec![about("a", 3, Kind::Succeeded)?])).await?;
    for attempt in [3, 4] {
        let second = store.append(by(held, 4, vec![about("a", attempt, Kind::Succeeded)?])).await;
        refused("a second result", second, &recorded)?;
    }
    let both = vec![about("b", 1, Kind::Succeeded)?, about("b", 1, Kind::Succeeded)?];
    let recorded = JournalError::ResultRecorded { run: held.run, step: step("b")? };
    refused("two results at once", store.append(by(held, 4, both)).await, &recorded)?;
    let repeated = vec![
        about("a[0]", 1, Kind::Succeeded)?,
        about("a[1]", 1, Kind::Succeeded)?,
        about("a#0", 1, Kind::Succeeded)?,
        about("a", 4, Kind::Orphaned { was: "succeeded".to_owned() })?,
        about("a", 4, Kind::Orphaned { was: "succeeded".to_owned() })?,
    ];
    same("items, iterations and orphans", store.append(by(held, 4, repeated)).await?, 9)?;
    let other = super::tools::held(&store, 2).await?;
    same("another run", store.append(by(other, 1, vec![about("a", 1, Kind::Succeeded)?])).await?, 2)
}

pub(super) async fn payloads(store: Store) -> Checked {
    let (first, second) = (held(&store, 1).await?, held(&store, 2).await?);
    let of_length = |length: usize| json(&format!("\"{}\"", "z".repeat(length - 2)));
    let (small, large) = (of_length(INLINE)?, of_length(INLINE + 1)?);
    let digest = Digest::of(large.inline().unwrap_or_default().as_bytes());
    let stored = Payload::Stored { digest, bytes: INLINE as u64 + 1 };
    let results = |large: &Payload| -> Checked<Vec<Entry>> {
        Ok(vec![
            about("a", 1, Kind::Succeeded)?.with(small.clone()),
            about("b", 1, Kind::Succeeded)?.with(large.clone()),
            about("c", 1, Kind::Succeeded)?.with(large.clone()),
        ])
    };
    let unknown = store.append(by(first, 1, results(&stored)?)).await;
    refused("a payload that is not kept", unknown, &JournalError::PayloadUnknown(digest))?;
    store.append(by(first, 1, results(&large)?)).await?;
    store.append(by(second, 1, results(&stored)?)).await?;
    for held in [first, second] {
        let found = store.load(held.run, 2, 10).await?;
        let found: Vec<Option<Payload>> = found.into_iter().map(|recorded| recorded.entry.payload).collect();
        same("the payloads", found, vec![Some(small.clone()), Some(stored.clone()), Some(stored.clone())])?;
    }
    same("the large one", store.payload(digest).await?, large)
}

pub(super) async fn limits(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let append = async |entries: Vec<Entry>| store.append(by(held, 1, entries)).await;
    let said = |kind| Entry::of_run(BEGIN, kind);
    invalid("nothing", append(vec![]).await, "0 entries")?;
    invalid("too many entries", append(vec![said(Kind::Expanded); BATCH + 1]).await, "1001 entries")?;
    let failed = |length: usize| about("a", 1, Kind::Failed { code: "T-0001".to_owned(), message: "m".repeat(length) });
    invalid("a large entry", append(vec![failed(LARGEST_ENTRY)?]).await, "without its payload")?;
    let payload = Payload::Inline("x".repeat(LARGEST_PAYLOAD as usize + 1).into());
    invalid("a large payload", append(vec![said(Kind::Expanded).with(payload)]).await, "the most is 16777216")?;
    let payload = Payload::Inline("x".repeat(LARGEST_PAYLOAD as usize).into());
    invalid("three payloads", append(vec![said(Kind::Expanded).with(payload); 3]).await, "at once")?;
    for kind in [Kind::Scheduled, Kind::Succeeded, Kind::GateExpired, Kind::Orphaned { was: "failed".to_owned() }] {
        invalid("no step", append(vec![said(kind)]).await, "names no step")?;
    }
    invalid("no attempt", append(vec![about("a", 0, Kind::Succeeded)?]).await, "names no attempt")?;
    for timer in [String::new(), "x".repeat(201), "\u{1b}[2J".to_owned()] {
        invalid("a bad name", append(vec![about("a", 0, Kind::TimerFired { timer })?]).await, "has a name")?;
    }
    let started = Kind::Started { definition: Digest::of(b""), parent: None };
    invalid("a second beginning", append(vec![said(started)]).await, "with the run alone")?;
    let end = said(Kind::Finished(End::Failed));
    invalid("more after the end", append(vec![end.clone(), said(Kind::Expanded)]).await, "after `finished`")?;
    let ended = Append { status: Some(Status::Failed), ..by(held, 1, vec![said(Kind::Expanded)]) };
    invalid("an end without its entry", store.append(ended).await, "follows from `finished`")?;
    let pause = said(Kind::Paused(Decision { actor: "ada".to_owned(), reason: None }));
    let far = store.append(from_outside(held.run, ENTRIES, vec![pause])).await;
    invalid("a journal that goes on without end", far, "more than 250000 entries")?;
    let far = store.append(by(held, ENTRIES + ENDING, vec![said(Kind::Expanded)])).await;
    invalid("a journal without end", far, "more than 300000 entries")?;
    let near = store.append(by(held, ENTRIES + ENDING - 1, vec![said(Kind::Finished(End::Failed))])).await;
    let conflict = JournalError::Conflict { run: held.run, expected: ENTRIES + ENDING - 1, found: 1 };
    refused("an end for which there is room", near, &conflict)?;
    same("the journal", words(&*store, held.run).await?.len(), 1)
}

pub(super) async fn outside(store: Store) -> Checked {
    let run = created(&store, 1).await?;
    let lease = there("a lease", claimed(&store, "first", BEGIN + 1).await?.first().cloned())?;
    let said = |kind| Entry::of_run(BEGIN, kind);
    let decision = Decision { actor: "ada".to_owned(), reason: None };
    let pause = said(Kind::Paused(decision.clone()));
    same("a pause", store.append(from_outside(run, 1, vec![pause.clone()])).await?, 2)?;
    let conflict = JournalError::Conflict { run, expected: 1, found: 2 };
    refused("a pause of what it was", store.append(from_outside(run, 1, vec![pause])).await, &conflict)?;
    for kind in [Kind::Expanded, Kind::Finished(End::Cancelled), Kind::Reserved(Amount::default())] {
        let found = store.append(from_outside(run, 2, vec![said(kind)])).await;
        invalid("what only workers say", found, "needs a lease")?;
    }
    let late = store.append(by(lease.held, 1, vec![said(Kind::Expanded)])).await;
    refused("the worker, who does not know of it", late, &conflict)?;
    same("the worker, who does", store.append(by(lease.held, 2, vec![said(Kind::Expanded)])).await?, 3)?;
    let nobody =
        Append { author: Author::Lease(0), ..by(Held { run: name(1), fence: 0 }, 3, vec![said(Kind::Expanded)]) };
    let fenced = JournalError::Fenced { run, held: 0, current: lease.held.fence };
    refused("a worker without a lease", store.append(nobody).await, &fenced)
}

pub(super) async fn budget(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let amount = |money, tokens| Amount { money, tokens };
    let reserve = about("a", 1, Kind::Reserved(amount(100, 10)))?;
    store.append(by(held, 1, vec![reserve.clone(), reserve])).await?;
    let run = store.run(held.run).await?;
    same("after two reservations", (run.reserved, run.spent), (amount(200, 20), amount(0, 0)))?;
    let settled = about("a", 1, Kind::Settled { reserved: amount(100, 10), spent: amount(70, 12) })?;
    store.append(by(held, 3, vec![settled])).await?;
    let run = store.run(held.run).await?;
    same("after one is settled", (run.reserved, run.spent), (amount(100, 10), amount(70, 12)))
}

pub(super) async fn repeated(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let run = held.run;
    let decision = || Decision { actor: "ada".to_owned(), reason: None };
    let said = |kind| Entry::of_run(BEGIN, kind);
    let (paused, resumed) = (said(Kind::Paused(decision())), said(Kind::Resumed(decision())));
    let cancelled = said(Kind::Cancelled(decision()));
    let outside = async |expected: u64, entries: Vec<Entry>| store.append(from_outside(run, expected, entries)).await;
    let repeated = |word| JournalError::Repeated { run, word };
    refused("going on with what is not paused", outside(1, vec![resumed.clone()]).await, &repeated("resumed"))?;
    same("a pause", outside(1, vec![paused.clone()]).await?, 2)?;
    refused("another", outside(2, vec![paused.clone()]).await, &repeated("paused"))?;
    // How a run is said to stand changes nothing of that.
    let append = Append { status: Some(Status::Running), ..by(held, 2, vec![said(Kind::Expanded)]) };
    same("a worker", store.append(append).await?, 3)?;
    refused("another", outside(3, vec![paused.clone()]).await, &repeated("paused"))?;
    refused("twice at once", outside(3, vec![resumed.clone(), resumed.clone()]).await, &repeated("resumed"))?;
    same("in turn", outside(3, vec![resumed.clone(), paused, resumed.clone()]).await?, 6)?;
    refused("once more", outside(6, vec![resumed]).await, &repeated("resumed"))?;
    refused("two ends at once", outside(6, vec![cancelled.clone(); 2]).await, &repeated("cancelled"))?;
    same("an end", outside(6, vec![cancelled.clone()]).await?, 7)?;
    refused("another", outside(7, vec![cancelled.clone()]).await, &repeated("cancelled"))?;
    refused("that of a worker", store.append(by(held, 7, vec![cancelled.clone()])).await, &repeated("cancelled"))?;
    let conflict = JournalError::Conflict { run, expected: 6, found: 7 };
    refused("by what was known before", outside(6, vec![cancelled]).await, &conflict)?;
    same("the journal", words(&*store, run).await?.len(), 7)
}

pub(super) async fn decisions(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let run = held.run;
    let decision = || Decision { actor: "ada".to_owned(), reason: None };
    let gate = || Gate { plan: Digest::of(b"plan"), arguments: Digest::of(b"arguments"), expires: None };
    let all = [
        Kind::GateApproved { decision: decision(), gate: gate() },
        Kind::GateRejected { decision: decision(), gate: gate() },
        Kind::Resolved { resolution: Resolution::Fail, decision: decision() },
    ];
    for kind in all {
        let entry = about("a", 0, kind)?;
        let expected = ENTRIES + DECISIONS - 1;
        let conflict = JournalError::Conflict { run, expected, found: 1 };
        let near = store.append(from_outside(run, expected, vec![entry.clone()])).await;
        refused("a decision for which there is room", near, &conflict)?;
        let far = store.append(from_outside(run, ENTRIES + DECISIONS, vec![entry])).await;
        invalid("decisions without end", far, "more than 275000 entries")?;
    }
    let of_step = about("a", 0, Kind::Cancelled(decision()))?;
    invalid("a step", store.append(from_outside(run, ENTRIES, vec![of_step])).await, "more than 250000 entries")?;
    let (expected, found) = (ENTRIES + ENDING - 1, 1);
    for kind in [Kind::Cancelled(decision()), Kind::Resumed(decision())] {
        let near = store.append(from_outside(run, expected, vec![Entry::of_run(BEGIN, kind)])).await;
        refused("what is said once", near, &JournalError::Conflict { run, expected, found })?;
    }
    Ok(())
}
