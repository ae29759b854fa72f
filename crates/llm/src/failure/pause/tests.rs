use super::*;
use http::HeaderValue;

#[test]
fn a_pause_is_read_however_it_is_said() {
    let details = r#"{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}"#;
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    type Headers<'a> = &'a [(&'static str, &'static str)];
    let table: [(u16, Headers<'_>, &str, Option<u64>); 14] = [
        (429, &[("retry-after", "2")], "", Some(2_000)),
        (429, &[("retry-after", "2.5")], "", Some(2_500)),
        (529, &[("retry-after", "2"), ("retry-after-ms", "1")], "", Some(2_000)),
        (429, &[("retry-after-ms", "1500")], "", Some(1_500)),
        (429, &[("retry-after-ms", "-1")], "", None),
        (429, &[("retry-after-ms", "inf")], "", None),
        (400, &[("retry-after-ms", "1500")], details, None),
        (429, &[], details, Some(34_500)),
        (429, &[], r#"[{"error":{"details":[{"retryDelay":"3s"}]}}]"#, Some(3_000)),
        (503, &[], r#"{"error":{"details":[{"retryDelay":"soon"}]}}"#, None),
        (429, &[], "nonsense", None),
        // By the clock of who says it, and else by one's own.
        (429, &[("retry-after", date), ("date", "Sun, 06 Nov 1994 08:49:34 GMT")], "", Some(3_000)),
        (429, &[("retry-after", date), ("date", "now")], "", Some(7_000)),
        (429, &[("retry-after", date)], "", Some(7_000)),
    ];
    for (status, headers, body, expected) in table {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
        let wall = Duration::from_secs(784_111_770);
        let asked = asked(StatusCode::from_u16(status).unwrap(), &headers.collect(), body.as_bytes(), wall);
        assert_eq!(asked, expected.map(Duration::from_millis), "{status} {body}");
    }
}
