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
