use super::{Work, Workers};
use std::sync::Arc;

fn squares(count: usize) -> Vec<Work<usize>> {
    (0..count).map(|number| Box::new(move || number * number) as Work<usize>).collect()
}

#[test]
fn all_parts_are_done_in_order_however_many_threads_there_are() {
    for threads in [0, 1, 3] {
        let workers = Workers::new("test", threads).unwrap();
        for count in [0, 1, 2, 7] {
            assert_eq!(workers.run(squares(count)).unwrap(), (0..count).map(|n| n * n).collect::<Vec<_>>());
        }
    }
}

#[test]
fn parts_let_go_of_what_they_hold() {
    let workers = Workers::new("test", 2).unwrap();
    let mut held = Arc::new(5);
    for _ in 0..100 {
        let work = (0..4).map(|_| Arc::clone(&held)).map(|held| Box::new(move || *held) as Work<i32>).collect();
        assert_eq!(workers.run(work).unwrap(), [5; 4]);
        assert!(Arc::get_mut(&mut held).is_some());
    }
}

#[test]
fn a_panic_of_a_part_is_an_error() {
    let workers = Workers::new("test", 1).unwrap();
    let work: Vec<Work<i32>> = vec![Box::new(|| panic!("on purpose")), Box::new(|| 1)];
    assert!(workers.run(work).is_err());
    assert!(workers.run(vec![Box::new(|| 1) as Work<i32>]).is_err());
}
