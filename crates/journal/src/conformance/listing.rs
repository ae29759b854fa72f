//! Lists of runs.

use super::tools::{BEGIN, by, claimed, created, definition, name, new_run, same, there};
use super::{Checked, Store};
use crate::{Append, End, Entry, Filter, Kind, NewRun, RunId, Status};

async fn listed(store: &Store, filter: Filter) -> Checked<Vec<RunId>> {
    Ok(store.list(filter, None, 100).await?.runs.iter().map(|run| run.id).collect())
}

pub(super) async fn pages(store: Store) -> Checked {
    same("without runs", store.list(Filter::default(), None, 10).await?.runs, vec![])?;
    for number in [3, 1, 5, 2, 4] {
        created(&store, number).await?;
    }
    let mut after = None;
    for (numbers, more) in [(vec![5, 4], true), (vec![3, 2], true), (vec![1], false)] {
        let page = store.list(Filter::default(), after, 2).await?;
        let wanted: Vec<RunId> = numbers.into_iter().map(name).collect();
        same("a page", page.runs.iter().map(|run| run.id).collect(), wanted.clone())?;
        same("where the next begins", page.next, wanted.last().copied().filter(|_| more))?;
        after = page.next;
    }
    let whole = store.list(Filter::default(), None, 5).await?;
    same("a page that is just full", (whole.runs.len(), whole.next), (5, None))
}

/// A page of one principal's runs is as full as there are such runs, and tells of no other's where the next begins.
pub(super) async fn pages_of_one(store: Store) -> Checked {
    store.define(definition("report"), BEGIN).await?;
    for number in 1..=9 {
        let principal = if number % 3 == 0 { "anna" } else { "local" };
        store.create_run(NewRun { principal: principal.to_owned(), ..new_run(number)? }).await?;
    }
    let anna = Filter { principal: Some("anna".to_owned()), ..Filter::default() };
    let mut after = None;
    for (wanted, next) in [(vec![9, 6], Some(6)), (vec![3], None)] {
        let page = store.list(anna.clone(), after, 2).await?;
        let wanted: Vec<RunId> = wanted.into_iter().map(name).collect();
        same("a page of one", page.runs.iter().map(|run| run.id).collect(), wanted)?;
        same("where the next of one begins", page.next, next.map(name))?;
        after = page.next;
    }
    Ok(())
}

pub(super) async fn filters(store: Store) -> Checked {
    store.define(definition("mail"), BEGIN).await?;
    created(&store, 1).await?;
    let parent = Some(name(1));
    store.create_run(NewRun { parent, ..new_run(2)? }).await?;
    let (tenant, anna) = (Some("b".to_owned()), Some("anna".to_owned()));
    store.create_run(NewRun { parent, tenant: "b".to_owned(), principal: "anna".to_owned(), ..new_run(3)? }).await?;
    store.create_run(NewRun { definition: definition("mail").hash, ..new_run(4)? }).await?;
    for lease in claimed(&store, "first", BEGIN + 10).await? {
        let held = lease.held;
        if held.run == name(2) {
            store.append(by(held, 1, vec![Entry::of_run(BEGIN + 20, Kind::Finished(End::Cancelled))])).await?;
        }
        if held.run == name(4) {
            let waiting = by(held, 1, vec![Entry::of_run(BEGIN + 20, Kind::Expanded)]);
            store.append(Append { status: Some(Status::Waiting), ..waiting }).await?;
        }
    }
    let all = Filter::default;
    for (filter, wanted) in [
        (all(), vec![4, 3, 2, 1]),
        (Filter { tenant: tenant.clone(), ..all() }, vec![3]),
        (Filter { workflow: Some("mail".to_owned()), ..all() }, vec![4]),
        (Filter { workflow: Some("mail".to_owned()), tenant: tenant.clone(), ..all() }, vec![]),
        (Filter { status: Some(Status::Running), ..all() }, vec![3, 1]),
        (Filter { status: Some(Status::Cancelled), ..all() }, vec![2]),
        (Filter { status: Some(Status::Running), tenant: tenant.clone(), ..all() }, vec![3]),
        (Filter { parent, ..all() }, vec![3, 2]),
        (Filter { parent, status: Some(Status::Running), ..all() }, vec![3]),
        (Filter { parent, tenant: tenant.clone(), ..all() }, vec![3]),
        (Filter { parent: Some(name(4)), ..all() }, vec![]),
        (Filter { principal: anna.clone(), ..all() }, vec![3]),
        (Filter { principal: Some("local".to_owned()), ..all() }, vec![4, 2, 1]),
        (Filter { principal: anna.clone(), status: Some(Status::Running), tenant, ..all() }, vec![3]),
        (Filter { principal: anna.clone(), status: Some(Status::Cancelled), ..all() }, vec![]),
        (Filter { principal: anna, parent: Some(name(4)), ..all() }, vec![]),
    ] {
        let wanted: Vec<RunId> = wanted.into_iter().map(name).collect();
        same(&format!("{filter:?}"), listed(&store, filter.clone()).await?, wanted)?;
    }
    let run = store.run(name(3)).await?;
    let listed = store.list(Filter { parent, ..all() }, None, 1).await?;
    same("a run in a list", there("a run", listed.runs.first())?, &run)?;
    same("its parent and owner", (run.parent, run.tenant.as_str(), run.principal.as_str()), (parent, "b", "anna"))
}
