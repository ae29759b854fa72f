use super::StoredJournal;
use crate::conformance::{self, Doing, Factory, Store, interleave};
use crate::{Decision, Entry, JournalError, JournalStore as _, Kind};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use store::Db;
use tempfile::TempDir;

mod power;

/// Stores in files of folders of their own.
#[derive(Default)]
struct Files {
    open: Mutex<Vec<(Db, TempDir)>>,
}

impl Factory for Files {
    fn empty(&self) -> Doing<'_, Store> {
        Box::pin(async {
            let folder = tempfile::tempdir().unwrap();
            let db = Db::open(&folder.path().join("runs.db")).await.unwrap();
            let store = StoredJournal::open(db.clone()).await.unwrap();
            self.open.lock().unwrap().push((db, folder));
            Arc::new(store) as Store
        })
    }

    fn reopened(&self, store: Store) -> Doing<'_, Option<Store>> {
        Box::pin(async move {
            drop(store);
            let (db, folder) = self.open.lock().unwrap().pop().unwrap();
            db.close().await;
            let db = Db::open(&folder.path().join("runs.db")).await.unwrap();
            let store = StoredJournal::open(db.clone()).await.unwrap();
            self.open.lock().unwrap().push((db, folder));
            Some(Arc::new(store) as Store)
        })
    }
}

#[tokio::test]
async fn the_store_on_disk_conforms() {
    assert_eq!(conformance::run(&Files::default()).await, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_order_of_two_workers_gives_two_results(choices in proptest::collection::vec(any::<u8>(), 0..200)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let checked = runtime.block_on(async {
            let store = StoredJournal::open(Db::memory().await.unwrap()).await.unwrap();
            interleave(Arc::new(store), &choices).await
        });
        prop_assert_eq!(checked, Ok(()));
    }
}

#[tokio::test]
async fn who_is_alone_waits_for_no_lease() {
    let store = StoredJournal::open(Db::memory().await.unwrap()).await.unwrap();
    let now = crate::conformance::tools::BEGIN;
    let store = Arc::new(store);
    let shared = Arc::clone(&store) as Store;
    let run = crate::conformance::tools::created(&shared, 1).await.unwrap();
    let claim = |worker: &str| crate::Claim {
        worker: worker.to_owned(),
        tags: vec!["default".to_owned()],
        most: 10,
        time: std::time::Duration::from_secs(30),
        now: now + 10,
    };
    let first = store.claim(claim("first")).await.unwrap();
    assert_eq!(first.len(), 1);
    assert!(store.claim(claim("second")).await.unwrap().is_empty());
    store.take_over(now + 10).await.unwrap();
    let second = store.claim(claim("second")).await.unwrap();
    assert_eq!((second[0].held.run, second[0].held.fence), (run, first[0].held.fence + 2));
    // The first is refused, should it be there after all.
    let rest = crate::Rest::Ready { at: now };
    assert!(matches!(store.release(first[0].held, rest).await, Err(crate::JournalError::Fenced { .. })));
}

/// A store of before it was known which runs are paused: what their journals say of it counts.
#[tokio::test]
async fn a_run_that_was_paused_before_can_be_resumed() {
    let db = Db::memory().await.unwrap();
    db.migrate("runs", &super::tables::STEPS[..1]).await.unwrap();
    let store = StoredJournal { db: db.clone(), bell: crate::wake::Bell::new() };
    let store: Store = Arc::new(store);
    let decision = || Decision { actor: "ada".to_owned(), reason: None };
    let (paused, resumed) = (Kind::Paused(decision()), Kind::Resumed(decision()));
    let noise = Kind::Signal { name: "noise".to_owned() };
    let cases = [
        (vec![paused.clone(), noise.clone()], true),
        (vec![paused.clone(), resumed.clone(), noise.clone()], false),
        (vec![noise], false),
    ];
    let mut runs = Vec::new();
    for (number, (kinds, is_paused)) in (1..).zip(cases) {
        let run = conformance::tools::created(&store, number).await.unwrap();
        let count = kinds.len();
        for (sequence, kind) in (2..).zip(kinds) {
            let mut prepared = crate::changes::prepare(Entry::of_run(0, kind)).unwrap();
            db.execute(vec![super::tables::next_entry(run, sequence, &mut prepared)]).await.unwrap().done().unwrap();
        }
        runs.push((run, count as u64 + 1, is_paused));
    }
    let store = StoredJournal::open(db).await.unwrap();
    for (run, last, is_paused) in runs {
        let append = |kind| conformance::tools::from_outside(run, last, vec![Entry::of_run(0, kind)]);
        let (right, wrong) = if is_paused { (&resumed, &paused) } else { (&paused, &resumed) };
        assert!(matches!(store.append(append(wrong.clone())).await, Err(JournalError::Repeated { .. })));
        assert_eq!(store.append(append(right.clone())).await, Ok(last + 1));
    }
}
