use super::Told;
use std::time::Duration;

#[test]
fn a_run_that_ends_well_tells_its_figures() {
    let text = "INFO: seed corpus: files: 3\n#4\tINITED cov: 11 ft: 12 corp: 2/9b\n#4096\tpulse  cov: 17 ft: 20 corp: 3/9b\n\
                Done 4711 runs in 1 second(s)\nstat::number_of_executed_units: 4711\nstat::peak_rss_mb: 33\n";
    let told = Told::read(text, Duration::from_secs(1));
    assert_eq!((told.executions, told.coverage, &told.finding), (4711, 17, &None));
    assert_eq!(told.line("x"), "x: 4711 executions in 1.0 s, 17 places reached, nothing found");
}

#[test]
fn a_run_that_fails_tells_how_far_it_came() {
    let told = Told::read("#64\tNEW    cov: 5 ft: 6\n==1== ERROR: libFuzzer: deadly signal\n", Duration::from_secs(2));
    assert_eq!((told.executions, told.coverage), (64, 5));
    assert_eq!(Told::read("", Duration::ZERO), Told::default());
}

#[test]
fn a_target_runs_on_until_the_processor_has_given_it_its_share() {
    let share = Duration::from_secs(100);
    let run = |took: u64, had: u64| Told {
        executions: 5,
        took: Duration::from_secs(took),
        processor: Some(Duration::from_secs(had)),
        ..Told::default()
    };
    let mut told = Told::default();
    assert_eq!(told.left(share), Some(share));
    told.add(run(100, 25));
    assert_eq!(told.left(share), Some(Duration::from_secs(300)), "it had a quarter");
    told.add(run(300, 75));
    assert_eq!((told.executions, told.processor, told.left(share)), (10, Some(share), None));
    assert_eq!(told.line("x"), "x: 10 executions in 400 s (100 s of the processor), 0 places reached, nothing found");
    let untold = Told { processor: None, ..run(100, 0) };
    assert_eq!(untold.left(share), None, "where nobody tells, the time on the wall counts");
    let found = Told { finding: Some("x".into()), ..run(1, 1) };
    assert_eq!(found.left(share), None);
}
