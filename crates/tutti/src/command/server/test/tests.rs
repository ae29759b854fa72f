use super::{Outcome, Test, exit, together};
use base::{Code, Error};
use hubs::client::path_segment;
use serde_json::json;
use std::time::Duration;

fn good(name: &str) -> Test {
    let described = json!({
        "name": name, "era": "modern", "version": "2026-07-28", "software": "files 1.0", "tools": 1, "prompts": 0,
        "resources": 2, "templates": 0, "state": "ready"
    });
    Test { name: name.to_owned(), outcome: Ok(Outcome { described, milliseconds: 12 }) }
}

fn bad(name: &str, code: Code) -> Test {
    Test { name: name.to_owned(), outcome: Err(Error::new(code, "no", "yes")) }
}

#[test]
fn the_exit_code_tells_how_many_work() {
    assert_eq!(exit(&[]), 0);
    assert_eq!(exit(&[good("a"), good("b")]), 0);
    assert_eq!(exit(&[bad("a", Code::UpstreamNotStarted)]), 7);
    assert_eq!(exit(&[bad("a", Code::UpstreamRefused), bad("b", Code::UpstreamExited)]), 4);
    assert_eq!(exit(&[good("a"), bad("b", Code::UpstreamRefused)]), 9);
}

#[test]
fn what_works_is_described() {
    let Ok(outcome) = good("a").outcome else { panic!() };
    assert_eq!(outcome.words(), "modern 2026-07-28, files 1.0, 1 tool, 2 resources, 12 ms");
    let value = good("a").to_json();
    assert_eq!((&value["ok"], &value["milliseconds"], &value["tools"]), (&json!(true), &json!(12), &json!(1)));
    let value = bad("b", Code::UpstreamExited).to_json();
    assert_eq!((&value["ok"], &value["error"]["code"]), (&json!(false), &json!("T-0202")));
}

#[test]
fn a_name_stays_within_its_place_in_a_path() {
    assert_eq!(path_segment("my-files_2"), "my-files_2");
    assert_eq!(path_segment("../x?y ä"), "..%2Fx%3Fy%20%C3%A4");
}

#[tokio::test]
async fn work_is_done_at_the_same_time_and_answered_in_order() {
    let start = base::clock::now();
    let work = [40_u64, 10, 0].map(|milliseconds| async move {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        milliseconds
    });
    assert_eq!(together(work.into()).await, [40, 10, 0]);
    assert!(start.elapsed() < Duration::from_millis(400));
    assert!(together(Vec::<std::future::Ready<()>>::new()).await.is_empty());
}
