use super::*;
use base::Code;
use std::time::Duration;

fn failure(code: Code, wait: Option<u64>) -> Failure {
    let error = Error::new(code, "x", "y");
    Failure::of_deployment(match wait {
        Some(seconds) => error.with_retry_after(Duration::from_secs(seconds)),
        None => error,
    })
}

#[test]
fn the_last_that_was_asked_is_told_with_the_shortest_wait() {
    let mut course = Course::default();
    course.failed("a/m", failure(Code::ModelBusy, Some(30)));
    course.failed("b/m", Failure { asked: false, ..failure(Code::ModelHeldBack, Some(5)) });
    assert_eq!(course.headers()[&ATTEMPTS], "a/m T-0908, b/m T-0910");
    assert!(!course.headers().contains_key(&DEPLOYMENT));
    let error = course.end().err().unwrap();
    assert_eq!((error.code(), error.retry_after()), (Code::ModelBusy, Some(Duration::from_secs(5))));
}

#[test]
fn names_of_clients_are_no_way_into_headers() {
    let mut course = Course::default();
    course.answered("p/é\r\nset-cookie: a=b");
    assert_eq!(course.headers()[&DEPLOYMENT], "p/???set-cookie: a=b");
    let mut course = Course::default();
    course.answered("p/ü\" x");
    assert_eq!(course.headers()[&DEPLOYMENT], "p/?\" x");
    let mut course = Course::default();
    course.answered(&"é".repeat(5000));
    assert!(course.headers()[&DEPLOYMENT].len() <= 2000);
}
