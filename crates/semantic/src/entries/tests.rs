use super::*;

/// A likeness by hand: that of two numbers is 1 less their distance.
#[derive(Debug, Clone, Copy)]
struct Place(f64);

impl Meaning for Place {
    fn likeness(&self, other: &Self) -> f64 {
        1.0 - (self.0 - other.0).abs()
    }
}

const POLICY: Policy = Policy { error: 0.05, shadow: false, check: 0.1 };
const ONE: &str = "What is the size of the payments table?";
const NOTED: &str = "  What is the size of the payments table?\n";
const REWORDED: &str = "What is the disk space that the payments relation takes?";
const GROUP: Digest = [1; 32];
const SMALL: Digest = [4; 32];
const LARGE: Digest = [8; 32];

struct Bench {
    entries: Entries<Place, &'static str>,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { entries: Entries::new(3) };
        bench.put(GROUP, ONE, 0.0, "4 GB", SMALL);
        bench
    }

    fn put(&mut self, group: Digest, text: &str, place: f64, value: &'static str, answer: Digest) {
        let kept = Kept { reading: Reading::of(text).unwrap(), vector: Some(Place(place)), value, answer, size: 100 };
        self.entries.put(group, kept, seconds(10), seconds(100));
    }

    fn ask(&mut self, text: &str, place: f64, policy: &Policy, chance: f64) -> Answer<&'static str> {
        let reading = Reading::of(text).unwrap();
        let asked = Asked { group: &GROUP, reading: &reading, vector: Some(&Place(place)) };
        self.entries.ask(&asked, policy, seconds(20), chance)
    }

    /// Asks, and learns from a real answer.
    fn compare(&mut self, text: &str, place: f64, answer: Digest) -> Option<bool> {
        let Answer::Compare(compared) = self.ask(text, place, &POLICY, 0.0) else { panic!("nothing is like {text}") };
        let reading = Reading::of(text).unwrap();
        let asked = Asked { group: &GROUP, reading: &reading, vector: Some(&Place(place)) };
        self.entries.learn(&asked, &compared, &answer)
    }

    /// What is as like as this, or more, has proved good.
    fn trust(&mut self, likeness: f64) {
        for level in [VERIFIED, 0.96, 0.91].into_iter().filter(|level| *level >= likeness) {
            (0..100).for_each(|_| self.entries.evidence.record(level, true));
        }
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn given(answer: &Answer<&str>) -> bool {
    matches!(answer, Answer::Give { .. })
}

#[test]
fn the_same_text_is_answered_and_now_and_then_checked() {
    let mut bench = Bench::new();
    let give = Answer::Give { likeness: 1.0, age: seconds(10), value: "4 GB" };
    assert_eq!(bench.ask(NOTED, 0.0, &POLICY, 0.99), give);
    assert!(!given(&bench.ask(NOTED, 0.0, &POLICY, 0.05)), "some are compared for ever");
    assert!(!given(&bench.ask(NOTED, 0.0, &Policy { shadow: true, ..POLICY }, 0.99)));
    let reading = Reading::of(NOTED).unwrap();
    let asked = Asked { group: &GROUP, reading: &reading, vector: None };
    assert_eq!(bench.entries.ask(&asked, &POLICY, seconds(20), 0.99), give, "no vector is needed");
    assert_eq!(bench.compare(NOTED, 0.0, SMALL), Some(true));
    assert_eq!(bench.compare(NOTED, 0.0, LARGE), Some(false));
    assert_eq!(bench.compare(NOTED, 0.0, LARGE), Some(false));
    assert!(!given(&bench.ask(NOTED, 0.0, &POLICY, 0.99)), "the tool does not repeat itself");
}

#[test]
fn other_words_are_answered_only_when_real_answers_showed_that_they_may_be() {
    let mut bench = Bench::new();
    assert!(!given(&bench.ask(REWORDED, 0.2, &POLICY, 0.99)));
    assert_eq!(bench.compare(REWORDED, 0.2, SMALL), None, "nothing would have been given");
    assert!(!given(&bench.ask(REWORDED, 0.2, &POLICY, 0.99)), "one pair proves nothing of the tool");
    bench.trust(VERIFIED);
    assert!(given(&bench.ask(REWORDED, 0.2, &POLICY, 0.99)), "the pair is known, and the tool");
    assert!(!given(&bench.ask(REWORDED, 0.2, &POLICY, 0.4)), "half of the second ones are compared");
    let other = "What is the disk space that the payments relation needs today?";
    assert!(!given(&bench.ask(other, 0.2, &POLICY, 0.99)), "this pair is not known");
    assert_eq!(bench.compare(REWORDED, 0.2, LARGE), Some(false));
    assert_eq!(bench.ask(REWORDED, 0.2, &POLICY, 0.99), Answer::Nothing, "once wrong, never again");
}

#[test]
fn new_texts_are_answered_from_a_likeness_that_has_proved_good() {
    let mut bench = Bench::new();
    bench.trust(0.91);
    assert_eq!(bench.compare("Which disk space does the payments relation really take?", 0.05, SMALL), Some(true));
    assert!(given(&bench.ask(REWORDED, 0.06, &POLICY, 0.99)));
    assert!(!given(&bench.ask(REWORDED, 0.2, &POLICY, 0.99)), "it is not like enough");
    assert_eq!(bench.compare("The payments relation, what disk space does it take?", 0.06, LARGE), Some(false));
    let wide = Policy { error: 0.2, ..POLICY };
    assert!(!given(&bench.ask(REWORDED, 0.06, &wide, 0.99)), "the entry has misled at that likeness");
}

#[test]
fn the_same_words_are_answered_once_answers_to_these_very_texts_were_the_same() {
    let mut bench = Bench::new();
    bench.trust(0.91);
    for text in ["please show me the size of the payments table", "What is the size of the Payments table!"] {
        assert!(!given(&bench.ask(text, 0.0, &POLICY, 0.99)), "however like it is: {text}");
    }
    let polite = "please show me the size of the payments table";
    assert_eq!(bench.compare(polite, 0.0, SMALL), None, "nothing would have been given");
    assert!(given(&bench.ask(polite, 0.0, &POLICY, 0.99)));
    assert!(!given(&bench.ask("show the size of the payments table", 0.0, &POLICY, 0.99)), "this pair is not known");
}

#[test]
fn that_nothing_is_found_for_both_proves_nothing() {
    let mut bench = Bench::new();
    bench.put(GROUP, "What is the size of the refunds table on 3 May?", 0.5, "4 GB", SMALL);
    bench.trust(VERIFIED);
    assert_eq!(bench.compare(REWORDED, 0.2, SMALL), None);
    assert!(!given(&bench.ask(REWORDED, 0.2, &POLICY, 0.99)), "another table has the same answer");
}

#[test]
fn what_differs_is_not_given_whatever_was_learned() {
    let mut bench = Bench::new();
    bench.trust(0.91);
    let other = "What is the size of the payments table on 3 May?";
    assert_eq!(bench.ask(other, 0.01, &POLICY, 0.99), Answer::Nothing);
    assert_eq!(bench.entries.differences().get(&Difference::Value), Some(&1));
    let reading = Reading::of(ONE).unwrap();
    let asked = Asked { group: &[2; 32], reading: &reading, vector: Some(&Place(0.0)) };
    let elsewhere = bench.entries.ask(&asked, &POLICY, seconds(20), 0.99);
    assert_eq!(elsewhere, Answer::Nothing, "groups have nothing in common");
}

#[test]
fn entries_end_and_make_room() {
    let mut bench = Bench::new();
    let reading = Reading::of(ONE).unwrap();
    let late = Asked { group: &GROUP, reading: &reading, vector: None };
    assert_eq!(bench.entries.ask(&late, &POLICY, seconds(100), 0.5), Answer::Nothing);
    bench.put(GROUP, NOTED, 0.0, "5 GB", LARGE);
    assert_eq!(bench.entries.size().0, 1, "the same text is one entry");
    for text in ["one user", "two users", "three users"] {
        bench.put([2; 32], text, 0.0, "other", SMALL);
    }
    assert_eq!(bench.ask(ONE, 0.0, &POLICY, 0.5), Answer::Nothing, "the oldest has gone");
    assert_eq!(bench.entries.size().0, 3);
    bench.entries.drop_oldest();
    assert_eq!(bench.entries.size().0, 2);
    let kept = Kept { reading, vector: None, value: "late", answer: SMALL, size: 1 };
    bench.entries.put(GROUP, kept, seconds(200), seconds(300));
    assert_eq!(bench.entries.size().0, 1, "what has ended is gone");
    bench.entries.clear();
    assert_eq!(bench.entries.size(), (0, 0));
}
