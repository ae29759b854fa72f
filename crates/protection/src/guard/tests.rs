use super::{Guard, Seen};
use crate::settings::{Protection, Rule, Says};
use base::{Code, Error};
use globset::Glob;
use resilience::bucket::Rate;
use resilience::retry::Effect;
use std::sync::Arc;
use std::time::Duration;

fn ruled(pattern: &str, says: Says) -> Protection {
    let pattern = Glob::new(pattern).unwrap().compile_matcher();
    Protection { rules: vec![Rule { pattern, says }], ..Protection::default() }
}

fn guard(protection: Protection) -> Arc<Guard> {
    Guard::new("docs", protection, None)
}

fn refusal(guard: &Arc<Guard>, tool: &str) -> Error {
    guard.enter(tool, true).err().expect("the call is turned away")
}

#[test]
fn the_operators_word_goes_before_the_hints() {
    let guard = guard(ruled("send_*", Says { effect: Some(Effect::Write), ..Says::default() }));
    let (read, idempotent) = (r#"{"readOnlyHint":true}"#, r#"{"readOnlyHint":false,"idempotentHint":true}"#);
    assert_eq!(guard.effect("send_mail", Some(read)), Effect::Write);
    assert_eq!(guard.effect("list", Some(read)), Effect::Read);
    assert_eq!(guard.effect("put", Some(idempotent)), Effect::Idempotent);
    assert_eq!(guard.effect("put", Some(r#"{"idempotentHint":"true"}"#)), Effect::Write);
    assert_eq!(guard.effect("put", None), Effect::Write, "what nobody says anything of may do harm twice");
}

#[test]
fn a_tool_has_its_own_rate_and_room() {
    let rate = Rate { count: 2, per: Duration::from_secs(3600), burst: 2 };
    let protection = ruled("slow", Says { rate: Some(rate), ..Says::default() });
    let guard = guard(protection);
    let passes = [guard.enter("slow", true), guard.enter("slow", true)];
    assert!(passes.iter().all(Result::is_ok));
    let error = refusal(&guard, "slow");
    assert_eq!(error.code(), Code::UpstreamRate);
    assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(1000)));
    assert!(error.message().contains("`slow` of `docs`"), "{error}");
    assert!(guard.enter("quick", true).is_ok());
    assert_eq!(guard.overview(false).counts.limited, 1);

    let guard = super::Guard::new("docs", ruled("one", Says { calls: Some(1), ..Says::default() }), None);
    let held = guard.enter("one", true).unwrap();
    assert_eq!(refusal(&guard, "one").code(), Code::UpstreamBusy);
    drop(held);
    assert!(guard.enter("one", true).is_ok(), "a call that was dropped leaves its place");
    assert_eq!(guard.overview(true).whole.in_flight, 0);
}

#[test]
fn a_rate_of_the_whole_holds_for_all_tools_together() {
    let rate = Rate { count: 1, per: Duration::from_secs(3600), burst: 1 };
    let guard = guard(Protection { rate: Some(rate), ..Protection::default() });
    assert!(guard.enter("one", true).is_ok());
    assert_eq!(refusal(&guard, "two").code(), Code::UpstreamRate);
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it() {
    let guard = guard(Protection::default());
    let mut pass = guard.enter("one", true).unwrap();
    let error = Error::new(Code::UpstreamBusy, "too much", "wait").with_retry_after(Duration::from_secs(30));
    pass.failed(Seen::sent(&error, false));
    let error = refusal(&guard, "two");
    assert_eq!(error.code(), Code::UpstreamPaused);
    assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(29)), "{error}");
    let stubborn = Guard::new("other", Protection::default(), None);
    let mut other = stubborn.enter("one", true).unwrap();
    let forever = Error::new(Code::UpstreamBusy, "too much", "wait").with_retry_after(Duration::from_secs(u64::MAX));
    other.failed(Seen::sent(&forever, false));
    let error = refusal(&stubborn, "one");
    assert!(error.retry_after().is_some_and(|wait| wait <= Duration::from_secs(60)), "{error}");
}

/// A breaker that opens with the first failures that it may, so that no test has to wait.
fn touchy() -> Protection {
    let mut protection = Protection::default();
    protection.breaker.step = Duration::ZERO;
    protection.breaker.probe = Duration::from_secs(3600);
    protection
}

#[test]
fn a_tool_that_fails_is_held_back_alone_and_that_outlives_a_restart() {
    let guard = guard(touchy());
    let fault = Seen::fault();
    // Chance decides who is still let through while the share falls; of so many enough are.
    for _ in 0..10_000 {
        if let Ok(mut pass) = guard.enter("bad", true) {
            pass.failed(fault);
        }
    }
    let error = refusal(&guard, "bad");
    assert_eq!((error.code(), error.upstream()), (Code::UpstreamHeldBack, Some("docs")));
    assert!(error.message().contains("only a probe") && error.message().contains("since 20"), "{error}");
    assert!(guard.enter("good", true).is_ok());
    let overview = guard.overview(false);
    assert_eq!(overview.tools.len(), 1, "only what is not as it should be");
    assert!(overview.counts.held_back > 0);
    let kept = guard.changes().expect("there is something to keep");
    assert_eq!(guard.changes(), None, "once");
    let restored = Guard::new("docs", touchy(), Some(&kept));
    let first = restored.enter("bad", true).expect("the first is a probe");
    assert_eq!(refusal(&restored, "bad").code(), Code::UpstreamHeldBack);
    drop(first);
}

#[test]
fn more_tools_than_there_is_room_for_share_one_state() {
    let guard = guard(Protection::default());
    for number in 0..super::TOOLS + 100 {
        assert!(guard.enter(&format!("tool_{number}"), true).is_ok());
    }
    assert_eq!(guard.overview(true).tools.len(), super::TOOLS + 1);
}

#[test]
fn a_tool_with_a_breaker_of_its_own_follows_that_one() {
    let patient = resilience::breaker::Settings { enabled: false, ..Default::default() };
    let guard = guard(ruled("patient", Says { breaker: Some(patient), ..Says::default() }));
    guard.enter("patient", true).unwrap().worked();
    let tool = guard.tool("patient");
    assert!(!tool.settings.enabled && guard.tool("other").settings.enabled);
    assert_eq!(guard.keep().tools.len(), 2);
}

#[test]
fn what_was_learned_is_kept_once_after_each_call() {
    let guard = guard(Protection::default());
    assert!(guard.lessons().is_none(), "nobody has called");
    let mut call = guard.enter("one", true).unwrap();
    assert!(guard.lessons().is_none(), "nothing has ended");
    call.worked();
    assert_eq!(guard.lessons().map(|kept| kept.tools.len()), Some(1));
    assert!(guard.lessons().is_none(), "nothing is new");
    assert!(guard.health().is_none(), "where all is let through nobody is asked");
}
