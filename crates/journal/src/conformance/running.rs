//! Definitions, and how runs begin.

use super::tools::{
    BEGIN, LEASE, about, by, claimed, created, definition, held, invalid, lease, name, new_run, refused, same, there,
    words,
};
use super::{Checked, Factory, Store};
use crate::{Created, Definition, Digest, Entry, JournalError, Kind, Payload, Status};
use std::time::Duration;

pub(super) async fn definitions(store: Store) -> Checked {
    let first = definition("report");
    same("a definition that was not kept", store.definition(first.hash).await?, None)?;
    store.define(first.clone(), BEGIN).await?;
    store.define(Definition { source: "name: another\n".to_owned(), ..first.clone() }, BEGIN + 1).await?;
    same("the definition", store.definition(first.hash).await?, Some(first.clone()))?;
    let nameless = Definition { workflow: String::new(), ..first.clone() };
    invalid("a definition without a name", store.define(nameless, BEGIN).await, "name of a workflow")?;
    let large = Definition { plan: "x".repeat(crate::limits::DEFINITION + 1), ..first };
    invalid("a large definition", store.define(large, BEGIN).await, "the plan of the workflow report")
}

pub(super) async fn needs(store: Store) -> Checked {
    let run = new_run(1)?;
    let unknown = JournalError::DefinitionUnknown(run.definition);
    refused("a run without its definition", store.create_run(run.clone()).await, &unknown)?;
    store.define(definition("report"), BEGIN).await?;
    for (what, bad) in [
        ("a tenant", crate::NewRun { tenant: "\n".to_owned(), ..run.clone() }),
        ("a principal", crate::NewRun { principal: String::new(), ..run.clone() }),
        ("a tag", crate::NewRun { tag: "x".repeat(201), ..run.clone() }),
        ("a key", crate::NewRun { deduplication: Some(String::new()), ..run.clone() }),
        ("a worker", crate::NewRun { lease: Some(lease("", LEASE)), ..run.clone() }),
        ("a lease lasts", crate::NewRun { lease: Some(lease("w", Duration::ZERO)), ..run.clone() }),
    ] {
        invalid(what, store.create_run(bad).await, what)?;
    }
    let digest = Digest::of(b"nothing");
    let stored = crate::NewRun { input: Payload::Stored { digest, bytes: 9000 }, ..run.clone() };
    refused("an input that is not kept", store.create_run(stored).await, &JournalError::PayloadUnknown(digest))?;
    same("nothing was created", store.list(crate::Filter::default(), None, 10).await?.runs, vec![])?;
    same("the run", store.create_run(run.clone()).await?, Created::New(run.id))?;
    invalid("a second run of the same name", store.create_run(run).await, "already")
}

pub(super) async fn once(store: Store) -> Checked {
    store.define(definition("report"), BEGIN).await?;
    let with = |number, tenant: &str, key: &str| {
        let (tenant, deduplication) = (tenant.to_owned(), Some(key.to_owned()));
        new_run(number).map(|run| crate::NewRun { tenant, deduplication, ..run })
    };
    same("the first", store.create_run(with(1, "a", "k")?).await?, Created::New(name(1)))?;
    same("the same key again", store.create_run(with(2, "a", "k")?).await?, Created::Existing(name(1)))?;
    same("the same key of another tenant", store.create_run(with(3, "b", "k")?).await?, Created::New(name(3)))?;
    same("another key", store.create_run(with(4, "a", "l")?).await?, Created::New(name(4)))?;
    same("without a key", store.create_run(new_run(5)?).await?, Created::New(name(5)))?;
    same("without a key again", store.create_run(new_run(6)?).await?, Created::New(name(6)))?;
    for (tenant, key, wanted) in
        [("a", "k", Some(1)), ("b", "k", Some(3)), ("a", "l", Some(4)), ("b", "l", None), ("a", "", None)]
    {
        same("the run of a key", store.created_with(tenant, key).await?, wanted.map(name))?;
    }
    let unknown = store.load(name(2), 1, 10).await;
    refused("the run that was not created", unknown, &JournalError::RunUnknown(name(2)))
}

pub(super) async fn first(store: Store) -> Checked {
    let run = created(&store, 1).await?;
    let entries = store.load(run, 1, 10).await?;
    same("how many entries there are", entries.len(), 1)?;
    let entry = there("the first entry", entries.into_iter().next())?;
    same("its place", entry.sequence, 1)?;
    let new = new_run(1)?;
    let kind = Kind::Started { definition: new.definition, parent: None };
    same("the first entry", entry.entry, Entry::of_run(new.at, kind).with(new.input.clone()))?;
    let listed = store.run(run).await?;
    same("how it stands", (listed.status, listed.last, listed.worker), (Status::Running, 1, None))?;
    same("its workflow", listed.workflow.as_str(), "report")?;
    let leases = claimed(&store, "first", new.at).await?;
    let lease = there("a lease", leases.first())?;
    same("what it does", (lease.held.run, lease.definition), (run, new.definition))?;
    same("who has it", store.run(run).await?.worker.as_deref(), Some("first"))
}

pub(super) async fn past(store: Store) -> Checked {
    store.define(definition("report"), BEGIN).await?;
    let result = |text: &str| Ok::<_, super::Failure>(about(text, 1, Kind::Succeeded)?.with(super::tools::json("1")?));
    let begins = |number, past| new_run(number).map(|run| crate::NewRun { past, ..run });
    let new = crate::NewRun {
        trigger: Some(serde_json::json!({"kind": "fork"})),
        ..begins(1, vec![result("a")?, result("b")?])?
    };
    store.create_run(new).await?;
    same("the journal", words(&*store, name(1)).await?.join(" ").as_str(), "started succeeded succeeded")?;
    let started = there("the first entry", store.load(name(1), 1, 1).await?.pop())?.entry;
    let trigger = started.more.iter().find(|(member, _)| member == "trigger").map(|(_, raw)| raw.as_str().to_owned());
    same("what started it", trigger.as_deref(), Some("{\"kind\":\"fork\"}"))?;
    let held = there("a lease", claimed(&store, "first", BEGIN + 1).await?.pop())?.held;
    let again = store.append(by(held, 3, vec![result("a")?])).await;
    let recorded = JournalError::ResultRecorded { run: name(1), step: super::tools::step("a")? };
    refused("a second result", again, &recorded)?;
    let twice = store.create_run(begins(2, vec![result("a")?, result("a")?])?).await;
    same("two results of a step", twice.is_err(), true)?;
    let many = (0..crate::limits::BATCH + 1).map(|number| result(&format!("a[{number}]")));
    store.create_run(begins(3, many.collect::<Result<_, _>>()?)?).await?;
    same("how many it begins with", store.run(name(3)).await?.last, crate::limits::BATCH as u64 + 2)?;
    let other = vec![Entry::of_run(BEGIN, Kind::Expanded)];
    invalid("another past", store.create_run(begins(2, other)?).await, "results of steps")?;
    refused("what was not created", store.load(name(2), 1, 1).await, &JournalError::RunUnknown(name(2)))
}

pub(super) async fn unknown(store: Store) -> Checked {
    let run = name(9);
    let unknown = JournalError::RunUnknown(run);
    let digest = Digest::of(b"nothing");
    let nobody = crate::Held { run, fence: 1 };
    refused("load", store.load(run, 1, 10).await, &unknown)?;
    refused("run", store.run(run).await, &unknown)?;
    refused("append", store.append(by(nobody, 1, vec![Entry::of_run(BEGIN, Kind::Expanded)])).await, &unknown)?;
    refused("release", store.release(nobody, crate::Rest::Ready { at: BEGIN }).await, &unknown)?;
    refused("revoke", store.revoke(run, BEGIN).await, &unknown)?;
    refused("payload", store.payload(digest).await, &JournalError::PayloadUnknown(digest))?;
    same("renew", store.renew(vec![nobody], BEGIN, super::tools::LEASE).await?, vec![run])?;
    same("claim", claimed(&store, "first", BEGIN).await?, vec![])?;
    same("prune", store.prune(u64::MAX, 10).await?, 0)
}

pub(super) async fn reopened(factory: &dyn Factory) -> Checked {
    let store = factory.empty().await;
    let held = held(&store, 1).await?;
    let large = super::tools::json(&format!("\"{}\"", "x".repeat(9000)))?;
    let entries = vec![
        super::tools::timer_set("a", "wait", BEGIN + 5)?,
        super::tools::about("a", 1, Kind::Succeeded)?.with(large),
    ];
    store.append(by(held, 1, entries)).await?;
    let before = (store.load(held.run, 1, 10).await?, store.run(held.run).await?, store.due(u64::MAX, 10).await?);
    let Some(store) = factory.reopened(store).await else { return Ok(()) };
    let after = (store.load(held.run, 1, 10).await?, store.run(held.run).await?, store.due(u64::MAX, 10).await?);
    same("what was kept", after, before)?;
    same("the lease still holds", claimed(&store, "second", BEGIN + 1).await?, vec![])?;
    store.append(by(held, 3, vec![Entry::of_run(BEGIN, Kind::Expanded)])).await?;
    same("the journal", words(&*store, held.run).await?.len(), 4)
}
