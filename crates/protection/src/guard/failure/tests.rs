use super::{Seen, error_is_fault};
use base::{Code, Error};
use resilience::retry::Reach;
use std::time::Duration;

fn error(code: Code) -> Error {
    Error::new(code, "it failed", "wait")
}

#[test]
fn what_never_went_out_is_told_from_what_may_have_begun() {
    for (code, reach) in [
        (Code::UpstreamExited, Reach::MayHaveBegun),
        (Code::UpstreamCallTimeout, Reach::MayHaveBegun),
        (Code::UpstreamProtocol, Reach::Faulty),
        (Code::UpstreamUnreachable, Reach::NotSent),
        (Code::UpstreamSessionLost, Reach::NotSent),
        (Code::UpstreamBusy, Reach::NotBegun),
        (Code::UpstreamAnswerTooLarge, Reach::Final),
        (Code::UpstreamRefused, Reach::Final),
        (Code::InvalidParams, Reach::Final),
    ] {
        assert_eq!(Seen::sent(&error(code), false).reach, reach, "{code}");
    }
    for (code, reach) in [
        (Code::UpstreamBackingOff, Reach::NotSent),
        (Code::UpstreamExited, Reach::NotSent),
        (Code::UpstreamNotStarted, Reach::Final),
        (Code::UpstreamRefused, Reach::Final),
        (Code::UpstreamDisabled, Reach::Final),
    ] {
        assert_eq!(Seen::unsent(&error(code)).reach, reach, "{code}");
    }
}

/// The end of a process is one event, however many calls it takes with it; and its driver deals with it.
#[test]
fn the_end_of_a_child_does_not_speak_against_the_upstream_twice() {
    assert!(!Seen::sent(&error(Code::UpstreamExited), true).whole);
    assert!(Seen::sent(&error(Code::UpstreamExited), false).whole);
}

#[test]
fn only_a_server_that_is_asked_too_much_pauses_all_calls() {
    let wait = Duration::from_secs(2);
    let busy = Seen::sent(&error(Code::UpstreamBusy).with_retry_after(wait), false);
    assert!(busy.pauses && busy.asked == Some(wait) && !busy.whole);
    let unavailable = Seen::sent(&error(Code::UpstreamProtocol).with_retry_after(wait), false);
    assert!(!unavailable.pauses && unavailable.asked == Some(wait));
    assert!(Seen::sent(&error(Code::UpstreamBusy), false).whole);
}

#[test]
fn errors_about_the_request_are_no_fault_of_the_server() {
    for (code, fault) in [
        (-32603, true),
        (-32000, true),
        (-32001, true),
        (-32099, true),
        (-32002, false),
        (-32020, false),
        (-32042, false),
        (-32600, false),
        (-32601, false),
        (-32602, false),
        (-32700, false),
        (0, false),
        (42, false),
    ] {
        assert_eq!(error_is_fault(&format!(r#"{{"code":{code},"message":"m"}}"#)), fault, "{code}");
    }
    for text in ["{}", r#"{"code":"-32603"}"#, r#"{"code":-32603.5}"#, "7"] {
        assert!(!error_is_fault(text), "{text}");
    }
}
