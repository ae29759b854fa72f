use super::super::tests::record;
use super::*;

fn of(principal: &str, run: &str, day: u64) -> Record {
    Record { run: run.into(), ..record(day * 86_400, principal, "m", 1) }
}

#[test]
fn a_key_has_so_many_runs_in_a_day_and_the_rest_has_one_name() {
    let mut runs = Runs::default();
    let mut many: Vec<Record> = (0..MOST + 3).map(|number| of("alice", &format!("run-{number}"), 1)).collect();
    runs.bound(&mut many);
    let others = many.iter().filter(|record| &*record.run == OTHERS).count();
    assert_eq!((others, &*many[MOST - 1].run), (3, format!("run-{}", MOST - 1).as_str()));
    // Those that are known stay, others have their own, and so has the next day.
    let mut more = [
        of("alice", "run-7", 1),
        of("alice", "new", 1),
        of("bob", "new", 1),
        of("alice", "", 1),
        of("alice", "new", 2),
    ];
    runs.bound(&mut more);
    assert_eq!(more.map(|record| record.run.to_string()), ["run-7", OTHERS, "new", "", "new"]);
}
