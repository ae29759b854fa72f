use super::*;
use hybrid::Part;

fn part(role: &'static str, model: &str) -> Part {
    Part { number: 0, role, model: model.to_owned(), request: conversation::Request::default() }
}

#[test]
fn parts_are_told_in_the_order_in_which_they_ended() {
    let mut report = Report::new("boost", "run-1");
    let usage = Usage { input: Some(30), output: Some(4), ..Usage::default() };
    report.answered(&part("extract", "local/small"), Some(&usage));
    report.failed(&part("judge", "a/b\r\nx-evil: 1"), "T-0906");
    report.given_up(&part("answer", "c/d"));
    report.sent(900, 4_100);
    let mut headers = HeaderMap::new();
    report.tell(&mut headers);
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        text("x-tutti-parts"),
        "extract local/small answered 30+4, judge a/b??x-evil: 1 T-0906, answer c/d given up"
    );
    assert_eq!((text("x-tutti-strategy"), text("x-tutti-saved")), ("boost".to_owned(), "3200 of 4100".to_owned()));
    assert_eq!(text("x-tutti-run"), "run-1");
}

#[test]
fn many_parts_stay_a_header() {
    let mut report = Report::new("map_reduce", "run-1");
    (0..1_000).for_each(|_| report.answered(&part("read", "local/small"), None));
    report.sent(10, 10);
    let mut headers = HeaderMap::new();
    report.tell(&mut headers);
    assert!(headers["x-tutti-parts"].len() <= 2_000);
    assert!(!headers.contains_key("x-tutti-saved"));
}
