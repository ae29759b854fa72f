use super::check::{Check, Status};
use super::{arguments, red};
use base::{Code, Error};
use serde_json::json;

#[test]
fn a_check_is_told_with_its_fix() {
    let error = Error::new(Code::KeyWeak, "weak", "make one").at(base::config::Place::START.in_file("t.yaml"));
    let check = Check::failed("key", &error);
    let expected = json!({"name": "key", "status": "fail", "message": "T-0405 t.yaml:1:1: weak", "fix": "make one"});
    assert_eq!((check.to_json(), check.status), (expected, Status::Fail));
    let error = Error::new(Code::UpstreamExited, "it ended", "see").with_detail("a\nno database\n\nnpm notice x\n");
    assert_eq!(Check::failed("x", &error).message, "T-0202 it ended: no database");
    assert_eq!(Check::ok("a", "b").to_json(), json!({"name": "a", "status": "ok", "message": "b", "fix": null}));
    assert_eq!(Check::warn("a", "b", "c").to_json()["status"], "warn");
    assert_eq!(Check::info("a", "b").with_fix("c").to_json()["fix"], "c");
}

#[test]
fn red_is_counted() {
    assert_eq!(red(1, 9).message(), "1 of 9 checks found something that does not work");
    assert_eq!((red(2, 9).code(), red(2, 9).code().exit()), (Code::DoctorRed, 1));
    arguments().debug_assert();
}
