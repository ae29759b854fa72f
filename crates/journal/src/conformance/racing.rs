//! Several at the same time.

use super::tools::{BEGIN, about, by, claimed, created, held, json, name, runs, same, words};
use super::{Checked, Failure, Store};
use crate::{JournalError, Kind, NewRun};
use base::task::spawn_light;

/// How many there are.
const MANY: u8 = 8;

pub(super) async fn claims(store: Store) -> Checked {
    for number in 0..MANY {
        created(&store, number).await?;
    }
    let asking: Vec<_> = (0..MANY)
        .map(|worker| {
            let store = store.clone();
            spawn_light(async move { claimed(&store, &format!("worker {worker}"), BEGIN + 100).await })
        })
        .collect();
    let mut given = Vec::new();
    for asked in asking {
        given.extend(runs(&asked.await.map_err(|error| Failure(error.to_string()))??));
    }
    given.sort();
    same("the runs that were given out", given, (0..MANY).map(name).collect())
}

pub(super) async fn appends(store: Store) -> Checked {
    let held = held(&store, 1).await?;
    let mut appending = Vec::new();
    for number in 0..MANY {
        let entry = about(&format!("a[{number}]"), 1, Kind::Succeeded)?.with(json(&number.to_string())?);
        let store = store.clone();
        appending.push(spawn_light(async move { store.append(by(held, 1, vec![entry])).await }));
    }
    let mut added = 0;
    for append in appending {
        match append.await.map_err(|error| Failure(error.to_string()))? {
            Ok(last) => {
                same("the place", last, 2)?;
                added += 1;
            }
            Err(JournalError::Conflict { expected: 1, .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    same("how many were added", added, 1)?;
    same("the journal", words(&*store, held.run).await?.len(), 2)
}

pub(super) async fn creations(store: Store) -> Checked {
    created(&store, 100).await?;
    let mut creating = Vec::new();
    for number in 0..MANY {
        let run = NewRun { deduplication: Some("k".to_owned()), ..super::tools::new_run(number)? };
        let store = store.clone();
        creating.push(spawn_light(async move { store.create_run(run).await }));
    }
    let mut created = Vec::new();
    for creation in creating {
        created.push(creation.await.map_err(|error| Failure(error.to_string()))??.id());
    }
    created.dedup();
    same("how many runs there are", created.len(), 1)
}
