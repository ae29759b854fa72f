use crate::expect::Mismatch;
use crate::report::{Report, Tried, to_junit};
use crate::stage::Course;
use serde_json::json;

#[test]
fn a_report_counts_and_is_written_as_junit() {
    let tried = |name: &str, mismatches: Vec<Mismatch>| Tried {
        name: name.to_owned(),
        course: Course { took: 90_000, ..Course::new() },
        mismatches,
        error: None,
    };
    let mismatch = Mismatch { what: "output".to_owned(), expected: json!("x".repeat(500)), found: json!({"a": "<b>"}) };
    let report = Report {
        file: "w.test.yaml".to_owned(),
        workflow: "w".to_owned(),
        tried: vec![tried("good", Vec::new()), tried("bad", vec![mismatch])],
        never: vec!["save".to_owned()],
    };
    assert!(report.passed() == 1 && !report.holds());
    let told = report.to_json();
    assert_eq!(
        (&told["failed"], &told["never"], &told["cases"][1]["passed"]),
        (&json!(1), &json!(["save"]), &json!(false))
    );
    let reason = &report.tried[1].reasons()[0];
    assert!(reason.contains("…, and there is {\"a\":\"<b>\"}") && reason.len() < 500, "{reason}");
    let xml = to_junit(std::slice::from_ref(&report));
    assert!(
        xml.contains("<testsuite name=\"w.test.yaml\" tests=\"2\" failures=\"1\" errors=\"0\" time=\"180.000\">"),
        "{xml}"
    );
    assert!(
        xml.contains("<testcase name=\"good\" classname=\"w\" time=\"90.000\"/>") && xml.contains("&lt;b&gt;"),
        "{xml}"
    );
}
