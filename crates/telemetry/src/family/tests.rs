use super::*;
use crate::names::{ERRORS, METRICS};

#[test]
fn every_series_is_read_once_also_those_beyond_one_go() {
    let family: Family<Counter> = Family::new(&ERRORS);
    let count = AT_ONCE * 2 + 3;
    for _ in 0..2 {
        (0..count).for_each(|number| family.series(&[&number.to_string()]).increment());
    }
    let mut snapshot = Snapshot::default();
    family.read(&mut snapshot);
    let (_, points) = snapshot.by_metric().next().expect("there is one metric");
    let names: std::collections::HashSet<_> = points.iter().map(|point| point.values[0].clone()).collect();
    assert_eq!((points.len(), names.len()), (count, count));
    assert!(points.iter().all(|point| point.value == Value::Number(2.0)));
}

#[test]
fn a_series_can_be_made_while_all_are_read() {
    let family: Family<Counter> = Family::new(&ERRORS);
    (0..AT_ONCE * 2).for_each(|number| drop(family.series(&[&number.to_string()])));
    let mut read = 0;
    // With a lock over all of them this would wait for itself.
    family.each(|_, _| {
        read += 1;
        family.series(&["one more"]);
    });
    assert_eq!(read, AT_ONCE * 2 + 1);
    assert!(METRICS.len() > 1);
}
