use super::MemoryJournal;
use crate::conformance::{self, Doing, Factory, Store, interleave};
use proptest::prelude::*;
use std::sync::Arc;

struct Memory;

impl Factory for Memory {
    fn empty(&self) -> Doing<'_, Store> {
        Box::pin(async { Arc::new(MemoryJournal::new()) as Store })
    }

    fn reopened(&self, _store: Store) -> Doing<'_, Option<Store>> {
        Box::pin(async { None })
    }
}

#[tokio::test]
async fn the_store_in_memory_conforms() {
    assert_eq!(conformance::run(&Memory).await, []);
}

proptest! {
    #[test]
    fn no_order_of_two_workers_gives_two_results(choices in proptest::collection::vec(any::<u8>(), 0..400)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        prop_assert_eq!(runtime.block_on(interleave(Arc::new(MemoryJournal::new()), &choices)), Ok(()));
    }
}
