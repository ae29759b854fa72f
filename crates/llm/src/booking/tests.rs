use super::{Booking, CameTo};
use spending::Outcome::{self, Answered, Cancelled, Failed, Refused};
use std::sync::{Arc, Mutex};

/// What is told of a request for which these were asked.
fn told(ends: &[(Outcome, u64)], kept: bool) -> Option<CameTo> {
    let told = Arc::new(Mutex::new(None));
    let here = Arc::clone(&told);
    let booking = Arc::new(Booking::new(move |came| *here.lock().unwrap() = Some(came)));
    for (outcome, cost) in ends {
        Arc::clone(&booking).ended(*outcome, *cost);
    }
    if kept {
        booking.kept();
    }
    assert_eq!(*told.lock().unwrap(), None, "nothing is told before all is over");
    drop(booking);
    *told.lock().unwrap()
}

#[test]
fn what_a_request_came_to_is_told_once_whatever_was_asked_for_it() {
    let table = [
        (&[][..], None),
        (&[(Refused, 0)], None),
        (&[(Answered, 5)], Some((5, true, false))),
        (&[(Failed, 2), (Answered, 5)], Some((7, true, false))),
        (&[(Answered, 5), (Failed, 2), (Cancelled, 1)], Some((8, true, false))),
        (&[(Failed, 2), (Failed, 0)], Some((2, false, true))),
        (&[(Cancelled, 3)], Some((3, false, false))),
        (&[(Refused, 0), (Failed, u64::MAX), (Failed, 1)], Some((u64::MAX, false, true))),
    ];
    for (ends, expected) in table {
        let came = told(ends, false).map(|came| (came.cost, came.lasted.is_some(), came.failed));
        assert_eq!(came, expected, "{ends:?}");
    }
    assert_eq!(told(&[], true), Some(CameTo { cached: true, ..CameTo::default() }));
}
