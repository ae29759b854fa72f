//! Timers.

use super::tools::{BEGIN, HOUR, about, by, claimed, held, runs, same, step, there, timer_set};
use super::{Checked, Store};
use crate::{Due, Held, Kind, Rest, Status, Timer};

fn timer(held: Held, text: &str, name: &str, due: u64) -> Checked<Timer> {
    Ok(Timer { due, run: held.run, step: Some(step(text)?), timer: name.to_owned() })
}

pub(super) async fn order(store: Store) -> Checked {
    let (first, second) = (held(&store, 1).await?, held(&store, 2).await?);
    same("without timers", store.due(u64::MAX, 10).await?, Due { timers: vec![], next: None })?;
    store.append(by(first, 1, vec![timer_set("b", "wait", BEGIN + 30)?, timer_set("a", "wait", BEGIN + 20)?])).await?;
    store.append(by(second, 1, vec![timer_set("a", "wait", BEGIN + 10)?])).await?;
    let all = [
        timer(second, "a", "wait", BEGIN + 10)?,
        timer(first, "a", "wait", BEGIN + 20)?,
        timer(first, "b", "wait", BEGIN + 30)?,
    ];
    for (now, most, due, next) in [
        (BEGIN, 10, 0, Some(10)),
        (BEGIN + 10, 10, 1, Some(20)),
        (BEGIN + 29, 10, 2, Some(30)),
        (BEGIN + 30, 10, 3, None),
        (BEGIN + 30, 2, 2, Some(30)),
    ] {
        let wanted = Due { timers: all.iter().take(due).cloned().collect(), next: next.map(|after| BEGIN + after) };
        same("what is due", store.due(now, most).await?, wanted)?;
    }
    Ok(())
}

pub(super) async fn changes(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let name = || "wait".to_owned();
    let batch = vec![
        timer_set("a", "wait", BEGIN + 10)?,
        timer_set("a", "wait", BEGIN + 20)?,
        timer_set("a", "retry", BEGIN + 30)?,
    ];
    store.append(by(held, 1, batch)).await?;
    let (wait, retry) = (timer(held, "a", "wait", BEGIN + 20)?, timer(held, "a", "retry", BEGIN + 30)?);
    same("a timer that was set anew", store.due(u64::MAX, 10).await?.timers, vec![wait, retry.clone()])?;
    store.append(by(held, 4, vec![about("a", 0, Kind::TimerFired { timer: name() })?])).await?;
    same("one that fired", store.due(u64::MAX, 10).await?.timers, vec![retry])?;
    let cleared = about("a", 0, Kind::TimerCleared { timer: "retry".to_owned() })?;
    store.append(by(held, 5, vec![cleared, about("b", 0, Kind::TimerFired { timer: name() })?])).await?;
    same("one that was cleared", store.due(u64::MAX, 10).await?.timers, vec![])?;
    let set_and_cleared = vec![timer_set("a", "wait", BEGIN)?, about("a", 0, Kind::TimerCleared { timer: name() })?];
    store.append(by(held, 7, set_and_cleared)).await?;
    same("one that was set and cleared", store.due(u64::MAX, 10).await?.timers, vec![])
}

pub(super) async fn claims(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let batch = vec![timer_set("a", "wait", BEGIN + HOUR)?, timer_set("a", "expiry", BEGIN + 2 * HOUR)?];
    store.append(by(held, 1, batch)).await?;
    store.release(held, Rest::Waiting { expected: 3, status: Status::Waiting }).await?;
    same("before", claimed(&store, "second", BEGIN + HOUR - 1).await?, vec![])?;
    let leases = claimed(&store, "second", BEGIN + HOUR).await?;
    same("when it is due", runs(&leases), vec![held.run])?;
    let held = there("the lease", leases.first())?.held;
    store.append(by(held, 3, vec![about("a", 0, Kind::TimerFired { timer: "wait".to_owned() })?])).await?;
    store.release(held, Rest::Waiting { expected: 4, status: Status::Waiting }).await?;
    same("before the next", claimed(&store, "third", BEGIN + 2 * HOUR - 1).await?, vec![])?;
    same("when that is due", runs(&claimed(&store, "third", BEGIN + 2 * HOUR).await?), vec![held.run])
}

pub(super) async fn jumps(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    store.append(by(held, 1, vec![timer_set("a", "wait", BEGIN + 100)?])).await?;
    let wait = timer(held, "a", "wait", BEGIN + 100)?;
    same("an hour ahead", store.due(BEGIN + HOUR, 10).await?.timers, vec![wait.clone()])?;
    same("an hour back", store.due(BEGIN - HOUR, 10).await?, Due { timers: vec![], next: Some(BEGIN + 100) })?;
    same("ahead again", store.due(BEGIN + HOUR, 10).await?.timers, vec![wait])?;
    store.append(by(held, 2, vec![about("a", 0, Kind::TimerFired { timer: "wait".to_owned() })?])).await?;
    for now in [BEGIN + HOUR, BEGIN - HOUR, BEGIN + 100] {
        same("once it fired", store.due(now, 10).await?, Due { timers: vec![], next: None })?;
    }
    store.release(held, Rest::Waiting { expected: 3, status: Status::Waiting }).await?;
    same("and nobody gets the run for it", claimed(&store, "second", BEGIN + HOUR).await?, vec![])
}
