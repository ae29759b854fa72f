use super::{Account, Beside, Change, of, prepare};
use crate::limits::INLINE;
use crate::{Amount, End, Entry, Kind, Payload, Status, StepPath};

fn said(kind: Kind) -> Entry {
    Entry::of_run(7, kind)
}

#[test]
fn what_follows_stands_in_the_order_of_the_entries() {
    let step = || StepPath::new("a").unwrap();
    let timer = || "wait".to_owned();
    let amount = |money| Amount { money, tokens: 2 * money };
    let entries = [
        Entry::of_step(7, step(), 0, Kind::TimerSet { timer: timer(), due: 9 }),
        said(Kind::Reserved(amount(5))),
        said(Kind::Expanded),
        said(Kind::Settled { reserved: amount(5), spent: amount(3) }),
        said(Kind::Reserved(amount(1))),
        Entry::of_step(7, step(), 0, Kind::TimerFired { timer: timer() }),
        said(Kind::Finished(End::Failed)),
    ];
    let wanted = [
        Change::Status(Status::Running),
        Change::SetTimer { step: Some(step()), timer: timer(), due: 9 },
        Change::ClearTimer { step: Some(step()), timer: timer() },
        Change::Finish { status: Status::Failed, at: 7 },
        Change::Account(Account { reserved: amount(6), returned: amount(5), spent: amount(3) }),
    ];
    assert_eq!(of(&entries, Some(Status::Running)), wanted);
    assert_eq!(of(&[said(Kind::Expanded)], None), []);
}

#[test]
fn what_an_entry_has_beside_it_is_said_once() {
    let large = Payload::new(&format!("\"{}\"", "x".repeat(INLINE))).unwrap();
    let prepared = prepare(said(Kind::Expanded).with(large.clone())).unwrap();
    let Some(Beside::Kept(digest, json)) = prepared.beside else { panic!("nothing is kept") };
    assert_eq!(Some(&*json), large.inline());
    let stored = Payload::Stored { digest, bytes: large.size() };
    assert_eq!(Entry::decode(&prepared.text).unwrap().payload, Some(stored.clone()));
    assert!(
        matches!(prepare(said(Kind::Expanded).with(stored)).unwrap().beside, Some(Beside::Known(known)) if known == digest)
    );
    assert!(prepare(said(Kind::Expanded)).unwrap().beside.is_none());
}
