use super::{Found, Owner, Question, Results, Waited, aged};
use mcp::{Era, Message, Method};
use protection::{Keep, Protection, Scope};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const READ: Method = Method::ResourcesRead;
const CALL: Method = Method::ToolsCall;

fn results() -> Results {
    Results::new(&Protection::default())
}

fn read(name: &'static str) -> Question<'static> {
    Question { method: &READ, name, params: r#"{"uri":"tutti://u/x"}"# }
}

fn call(params: &str) -> Question<'_> {
    Question { method: &CALL, name: "search", params }
}

fn keep(scope: Scope) -> Option<Keep> {
    Some(Keep { ttl: HOUR, scope })
}

fn hit(results: &Results, question: &Question<'_>, rule: Option<Keep>, owner: &Owner) -> Option<String> {
    match results.find(question, rule, owner, true) {
        Found::Kept(kept, _) => Some(kept.body.clone()),
        _ => None,
    }
}

/// Asks and lets the answer be kept.
fn asked(results: &Results, question: &Question<'_>, rule: Option<Keep>, owner: &Owner, body: &str) {
    match results.find(question, rule, owner, true) {
        Found::Lead(lead) => {
            let kept = results.keep(question, rule, owner, lead.epoch(), (body, Era::Modern));
            lead.landed(kept);
        }
        Found::Ask(epoch) => drop(results.keep(question, rule, owner, epoch, (body, Era::Modern))),
        _ => {}
    }
}

#[test]
fn what_the_upstream_says_is_done() {
    let (one, other) = (Owner::Session(1), Owner::Session(2));
    for (body, mine, theirs) in [
        (r#"{"contents":[],"ttlMs":60000,"cacheScope":"public"}"#, true, true),
        (r#"{"contents":[],"ttlMs":60000,"cacheScope":"private"}"#, true, false),
        (r#"{"contents":[],"ttlMs":60000,"cacheScope":"secret"}"#, true, false),
        (r#"{"contents":[],"ttlMs":60000}"#, true, false),
        (r#"{"contents":[],"ttlMs":0,"cacheScope":"public"}"#, false, false),
        (r#"{"contents":[],"ttlMs":-5,"cacheScope":"public"}"#, false, false),
        (r#"{"contents":[],"ttlMs":"60000","cacheScope":"public"}"#, false, false),
        (r#"{"contents":[],"ttlMs":1e300,"cacheScope":"public"}"#, true, true),
        (r#"{"contents":[]}"#, false, false),
    ] {
        let results = results();
        asked(&results, &read("test://a"), None, &one, body);
        assert_eq!(hit(&results, &read("test://a"), None, &one).is_some(), mine, "{body}");
        assert_eq!(hit(&results, &read("test://a"), None, &other).is_some(), theirs, "{body}");
        assert_eq!(hit(&results, &read("test://b"), None, &one), None, "{body}");
    }
    let off = Results::new(&Protection { cache: false, ..Protection::default() });
    asked(&off, &read("test://a"), None, &one, r#"{"ttlMs":60000,"cacheScope":"public"}"#);
    assert_eq!(hit(&off, &read("test://a"), None, &one), None);
}

#[test]
fn no_tool_is_kept_unless_the_operator_says_so() {
    let (results, owner) = (results(), Owner::Session(1));
    let question = call(r#"{"name":"u__search","arguments":{"q":1}}"#);
    asked(&results, &question, None, &owner, r#"{"content":[],"ttlMs":60000,"cacheScope":"public"}"#);
    assert_eq!(results.tally().entries, 0);
    asked(&results, &question, keep(Scope::Private), &owner, "{}");
    assert!(hit(&results, &question, keep(Scope::Private), &owner).is_some());
    assert!(hit(&results, &question, keep(Scope::Private), &Owner::Session(2)).is_none());
    assert!(hit(&results, &question, keep(Scope::Private), &Owner::Principal("p".into())).is_none());
}

/// What may change a result is part of its key; what cannot is not.
#[test]
fn another_question_has_another_answer() {
    let (results, owner, rule) = (results(), Owner::Session(1), keep(Scope::Public));
    let first = r#"{"name":"u__search","arguments":{"q":"a"},"_meta":{"progressToken":1,"x":2,"traceparent":"00"}}"#;
    asked(&results, &call(first), rule, &owner, "{}");
    for same in [
        r#"{"name":"other","arguments":{"q":"a"},"_meta":{"progressToken":9,"x":2}}"#,
        r#"{"_meta":{"x":2,"io.modelcontextprotocol/clientInfo":{}},"arguments":{"q":"a"}}"#,
    ] {
        let ordered = same.starts_with(r#"{"name"#);
        assert_eq!(hit(&results, &call(same), rule, &owner).is_some(), ordered, "{same}");
    }
    for another in [
        r#"{"name":"u__search","arguments":{"q":"b"},"_meta":{"x":2}}"#,
        r#"{"name":"u__search","arguments":{"q":"a"},"_meta":{"x":3}}"#,
        r#"{"name":"u__search","arguments":{"q":"a"}}"#,
        r#"{"name":"u__search","arguments":{"q":"a"},"_meta":{"x":2},"extra":1}"#,
        r#"{"name":"u__search","arguments":{"q":"a"},"_meta":{"x":2},"inputResponses":{}}"#,
        r#"{"name":"u__search","arguments":{"q":"a"},"_meta":{"x":2},"requestState":"s"}"#,
    ] {
        assert_eq!(hit(&results, &call(another), rule, &owner), None, "{another}");
    }
}

#[test]
fn what_has_changed_is_asked_for_anew() {
    let (results, owner) = (results(), Owner::Session(1));
    let body = r#"{"ttlMs":60000,"cacheScope":"public"}"#;
    let note = |text: &str| results.heard(&Message::parse(text.to_owned()).unwrap());
    let fill = || ["test://a", "test://b"].map(|name| asked(&results, &read(name), None, &owner, body));
    let there = || ["test://a", "test://b"].map(|name| hit(&results, &read(name), None, &owner).is_some());
    fill();
    note(r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://a"}}"#);
    assert_eq!(there(), [false, true]);
    fill();
    note(r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#);
    assert_eq!(there(), [true, true]);
    note(r#"{"jsonrpc":"2.0","method":"notifications/resources/list_changed"}"#);
    assert_eq!(there(), [false, false]);
    fill();
    results.disconnected();
    assert_eq!(there(), [false, false]);
}

/// An answer that was on its way when the upstream said that the thing has changed may be the old one.
#[test]
fn an_answer_from_before_a_change_is_not_kept() {
    let (results, owner) = (results(), Owner::Session(1));
    let Found::Ask(epoch) = results.find(&read("test://a"), None, &owner, true) else { panic!("it is asked") };
    let updated = r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://a"}}"#;
    results.heard(&Message::parse(updated.to_owned()).unwrap());
    let body = r#"{"ttlMs":60000,"cacheScope":"public"}"#;
    assert!(results.keep(&read("test://a"), None, &owner, epoch, (body, Era::Modern)).is_none());
}

#[tokio::test]
async fn who_gives_up_harms_nobody_who_waits() {
    let (results, owner, rule) = (results(), Owner::Session(1), keep(Scope::Public));
    let question = call(r#"{"arguments":{}}"#);
    let find = |may_join| results.find(&question, rule, &owner, may_join);
    let Found::Lead(first) = find(true) else { panic!("the first asks") };
    let (Found::Joined(mut one), Found::Joined(mut two)) = (find(true), find(true)) else { panic!("others wait") };
    assert!(matches!(find(false), Found::Ask(_)), "who must not wait asks for himself");
    drop(first);
    assert_eq!((one.wait().await, two.wait().await), (Waited::Abandoned, Waited::Abandoned));
    let Found::Lead(second) = find(true) else { panic!("one of those who waited asks") };
    let Found::Joined(mut again) = find(true) else { panic!("and the other waits") };
    let kept = results.keep(&question, rule, &owner, second.epoch(), ("{}", Era::Legacy)).unwrap();
    second.landed(Some(Arc::clone(&kept)));
    assert_eq!(again.wait().await, Waited::Kept(kept));
    assert!(hit(&results, &question, rule, &owner).is_some());
}

#[tokio::test]
async fn an_answer_that_is_for_nobody_else_sends_those_who_wait_on_their_way() {
    let (results, owner, rule) = (results(), Owner::Session(1), keep(Scope::Public));
    let question = call(r#"{"arguments":{}}"#);
    let Found::Lead(lead) = results.find(&question, rule, &owner, true) else { panic!("the first asks") };
    let Found::Joined(mut seat) = results.find(&question, rule, &owner, true) else { panic!("the other waits") };
    lead.landed(None);
    assert_eq!(seat.wait().await, Waited::InVain);
}

#[test]
fn a_kept_result_says_how_long_it_is_still_good() {
    let body = r#"{"contents":[],"ttlMs":60000,"cacheScope":"public"}"#;
    assert_eq!(aged(body, Duration::from_millis(1500)), r#"{"contents":[],"ttlMs":1500,"cacheScope":"public"}"#);
    assert_eq!(aged("{}", Duration::from_secs(1)), "{}");
}
