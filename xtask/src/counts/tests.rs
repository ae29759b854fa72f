use super::Counts;

#[test]
fn result_lines_are_read() {
    let ok = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s";
    assert_eq!(Counts::of_result_line(ok), Some(Counts { passed: 12, failed: 0, skipped: 1 }));
    let bad = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s";
    assert_eq!(Counts::of_result_line(bad), Some(Counts { passed: 1, failed: 2, skipped: 0 }));
    for other in ["test result: x", "running 3 tests", "test a ... ok"] {
        assert_eq!(Counts::of_result_line(other), None, "{other}");
    }
}

#[test]
fn sums_read_as_the_last_line_must() {
    let mut counts = Counts { passed: 1, failed: 0, skipped: 2 };
    counts += Counts { passed: 10, failed: 1, skipped: 0 };
    assert_eq!(counts.to_string(), "11 passed, 1 failed, 2 skipped");
}
