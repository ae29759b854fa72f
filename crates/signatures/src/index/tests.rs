use super::*;
use proptest::prelude::*;

const ALL: Bounds = Bounds { entries: 6, bytes: 100 };
const ONE: Bounds = Bounds { entries: 4, bytes: 60 };

fn key(number: u8) -> Key {
    [number; 32]
}

#[test]
fn one_owner_does_not_push_out_another() {
    let mut index = Index::with(ALL, ONE);
    index.put(key(1), key(101), 10, 0);
    let gone: Vec<Key> = (2..20).flat_map(|number| index.put(key(number), key(102), 1, 0)).collect();
    assert!(index.has(&key(1), 0) && !gone.contains(&key(1)));
    assert_eq!(index.size(), (5, 14));
}

#[test]
fn what_is_old_goes_and_is_not_found() {
    let week = i64::try_from(KEPT.as_secs()).unwrap();
    let mut index = Index::with(ALL, ONE);
    index.put(key(1), key(101), 10, 100);
    assert!(index.has(&key(1), 100) && !index.has(&key(1), 101));
    assert_eq!(index.put(key(2), key(102), 10, 100 + week), Vec::<Key>::new());
    assert_eq!(index.put(key(3), key(102), 10, 101 + week), vec![key(1)]);
}

proptest! {
    #[test]
    fn it_stays_within_its_bounds_and_says_what_went(puts in prop::collection::vec((0u8..12, 0u8..3, 0usize..70), 0..200)) {
        let mut index = Index::with(ALL, ONE);
        let mut here = std::collections::BTreeMap::new();
        for (number, owner, bytes) in puts {
            here.insert(key(number), (owner, bytes));
            for gone in index.put(key(number), key(100 + owner), bytes, 0) {
                prop_assert!(here.remove(&gone).is_some());
            }
            let bytes = here.values().map(|(_, bytes)| bytes).sum::<usize>();
            prop_assert_eq!(index.size(), (here.len(), bytes));
            prop_assert!(here.len() <= ALL.entries && bytes <= ALL.bytes);
            for owner in 0..3 {
                let own: Vec<usize> = here.values().filter(|(of, _)| *of == owner).map(|(_, bytes)| *bytes).collect();
                prop_assert!(own.len() <= ONE.entries && own.iter().sum::<usize>() <= ONE.bytes);
            }
            prop_assert!(here.keys().all(|key| index.has(key, 0)));
        }
    }
}
