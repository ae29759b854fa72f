use super::asked;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::time::Duration;

fn read(status: u16, value: &str) -> Option<u64> {
    let mut headers = HeaderMap::new();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_str(value).unwrap());
    // 2015-10-21T07:28:00Z
    let wall = Duration::from_secs(1_445_412_480);
    asked(StatusCode::from_u16(status).unwrap(), &headers, wall).map(|wait| wait.as_secs())
}

#[test]
fn seconds_and_dates_are_understood_and_nothing_else_is() {
    for (status, value, wanted) in [
        (429, "7", Some(7)),
        (503, " 0 ", Some(0)),
        (429, "18446744073709551615", Some(u64::MAX)),
        (429, "Wed, 21 Oct 2015 07:28:30 GMT", Some(30)),
        (429, "Wed, 21 Oct 2015 07:27:30 GMT", Some(0)),
        (429, "-7", None),
        (429, "7.5", Some(7)),
        (429, "soon", None),
        (200, "7", None),
        (500, "7", None),
    ] {
        assert_eq!(read(status, value), wanted, "{status} {value}");
    }
}
