use super::StoredJournal;
use crate::conformance::{self, Doing, Factory, Store, interleave};
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
