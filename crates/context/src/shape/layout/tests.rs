use super::{Layout, NOTE, shared};
use proptest::prelude::*;

#[test]
fn room_is_shared() {
    for (needs, limit, expected) in [
        (vec![10, 20, 30], 60, Layout::Each(usize::MAX)),
        (vec![], 0, Layout::Each(usize::MAX)),
        (vec![5000], 1000, Layout::Each(1000)),
        (vec![5000], 10, Layout::Each(10)),
        (vec![5000, 10, 3000], 1010, Layout::Each(500)),
        (vec![5000, 300, 3000], 1000, Layout::Each(350)),
        (vec![5000, 900, 95], 1000, Layout::Each(452)),
        // No room for a note in each: the ends of all.
        (vec![100; 10], 500, Layout::Ends { from: 3, part: 0, to: 9 }),
        (vec![1; 100_000], 1000, Layout::Ends { from: 696, part: 0, to: 99_768 }),
        (vec![5000; 10], 1000, Layout::Ends { from: 0, part: 696, to: 10 }),
    ] {
        assert_eq!(shared(&needs, limit), expected, "{} in {limit}", needs.len());
    }
}

proptest! {
    #[test]
    fn what_is_shown_is_never_more_than_the_limit(needs in prop::collection::vec(0usize..3000, 0..60), limit in 1usize..3000) {
        let all: usize = needs.iter().sum();
        match shared(&needs, limit) {
            Layout::Each(level) => {
                let shown: usize = needs.iter().map(|need| *need.min(&level)).sum();
                prop_assert!(shown <= limit);
                prop_assert_eq!(level == usize::MAX, all <= limit);
                let cut = needs.iter().filter(|need| **need > level).count();
                prop_assert!(level >= 2 * NOTE || cut <= 1);
            }
            Layout::Ends { from, part, to } => {
                prop_assert!(from < to && to <= needs.len());
                prop_assert!(part <= needs[from]);
                let shown: usize = needs[..from].iter().chain(&needs[to..]).sum();
                prop_assert!(shown + part <= limit);
            }
        }
    }
}
