use super::{MemoryCache, VectorCache, key};
use crate::vector::Vector;

#[test]
fn keys_tell_embedders_and_texts_apart() {
    assert_ne!(key("a", "bc"), key("ab", "c"));
    assert_eq!(key("a", "b"), key("a", "b"));
}

#[tokio::test]
async fn a_full_cache_never_holds_more_than_it_may() {
    let cache = MemoryCache::new(2);
    let keys = ["a", "b", "c"].map(|text| key("one", text));
    cache.put(keys.iter().map(|key| (*key, Vector::new(&[1.0]))).collect()).await.unwrap();
    let found = cache.get(keys.to_vec()).await.unwrap();
    assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
}
