use super::*;

const fn of(tokens: u64) -> Took {
    Took { nano_dollars: 2 * tokens, tokens }
}

#[test]
fn what_is_under_way_and_what_was_lost_may_have_taken_its_most() {
    let spent = Spent::within(None, Some(1_000));
    assert_eq!(spent.at_most(), of(0));
    assert!(spent.begin(of(100)));
    assert_eq!((spent.took(), spent.at_most()), (of(0), of(100)));
    spent.end(of(100), of(30), false);
    assert_eq!((spent.took(), spent.at_most()), (of(30), of(30)), "what it did not take is not counted");
    // Two at once, of which one is lost.
    assert!(spent.begin(of(100)) && spent.begin(of(50)));
    spent.end(of(100), of(40), true);
    assert_eq!((spent.took(), spent.at_most()), (of(70), of(180)));
    spent.end(of(50), of(50), false);
    assert_eq!((spent.took(), spent.at_most()), (of(120), of(180)));
    // More than the most was no mistake of whoever lost it.
    assert!(spent.begin(of(10)));
    spent.end(of(10), of(20), true);
    assert_eq!((spent.took(), spent.at_most()), (of(140), of(200)));
    assert!(spent.has_left(0, 800) && !spent.has_left(0, 801));
    // What was lost counts before another is sent.
    assert!(!spent.begin(of(801)) && spent.begin(of(800)) && !spent.begin(of(1)));
}
