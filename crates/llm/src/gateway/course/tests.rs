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
    let long = "é".repeat(5000);
    let names =
        [("p/é\r\nset-cookie: a=b", "p/???set-cookie: a=b"), ("p/ü\" x", "p/?\" x"), ("a\tb", "a?b"), (&long, "?")];
    for (name, told) in names {
        for others in [&[][..], &["a/m"]] {
            let mut course = Course::default();
            others.iter().for_each(|other| course.failed(other, failure(Code::ModelBusy, None)));
            course.answered(name, &Told::of(name));
            let headers = course.headers();
            let (own, attempts) = (headers[&DEPLOYMENT].to_str().unwrap(), headers[&ATTEMPTS].to_str().unwrap());
            assert!(own.starts_with(told) && own.len() <= 2000 && attempts.len() <= 2000, "{name}");
            let before = if others.is_empty() { "" } else { "a/m T-0908, " };
            let all = format!("{before}{own} answered");
            assert!(all.starts_with(attempts) && (attempts == all || name == long), "{name}: {attempts}");
        }
    }
}
