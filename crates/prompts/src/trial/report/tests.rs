use super::{Checked, Report, Tried};
use base::{Code, Error};

fn tried(name: &str, score: f64) -> Tried {
    let why = (score < 1.0).then(|| "it is not <this> & \"that\"".to_owned());
    let checks = vec![Checked { kind: "exact", passed: why.is_none(), score, why }];
    Tried {
        name: name.to_owned(),
        answer: "a\u{0}b\nc".to_owned(),
        checks,
        latency_ms: 1_500,
        input: 3,
        output: 2,
        ..Tried::default()
    }
}

#[test]
fn a_report_counts_and_is_written_as_junit() {
    let broken = Tried { error: Some(Error::new(Code::ModelBusy, "busy", "wait")), ..Tried::default() };
    let report = Report {
        suite: "s<1>".to_owned(),
        prompt: "p".to_owned(),
        version: "v".to_owned(),
        threshold: 0.5,
        tried: vec![tried("good", 1.0), tried("bad", 0.25), broken],
    };
    assert!((report.passed(), report.holds()) == (1, false) && Report { threshold: 0.3, ..report.clone() }.holds());
    let json = report.to_json(&serde_json::Value::Null);
    assert_eq!(
        (&json["failed"], &json["tokens"]["input"], &json["cases"][1]["score"]),
        (&2.into(), &6.into(), &0.25.into())
    );
    let xml = report.to_junit();
    let expected = "<testsuite name=\"s&lt;1&gt;\" tests=\"3\" failures=\"1\" errors=\"1\" time=\"3.000\">";
    assert!(xml.contains(expected), "{xml}");
    assert!(xml.contains("<failure message=\"exact: it is not &lt;this&gt; &amp; &quot;that&quot;\">"), "{xml}");
    assert!(xml.contains("a\u{fffd}b&#10;c") && xml.contains("<error message=\"T-0908"), "{xml}");
}
