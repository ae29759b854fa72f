use super::*;
use base::ports::ModelTool;
use conversation::request::{Function, Request, Tool};
use proptest::prelude::*;

fn offer() -> Offer {
    let mine = Tool::Function(Box::new(Function { name: "mine".to_owned(), ..Function::default() }));
    let tool = ModelTool { name: "a__look".to_owned(), definition: "{}".to_owned() };
    Offer::new(vec![tool], &Request { tools: vec![mine], ..Request::default() })
}

fn chunk(delta: &str, finish: &str) -> String {
    format!(
        "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
    )
}

fn call(index: u32, name: &str) -> String {
    let call = format!(
        r#"{{"tool_calls":[{{"index":{index},"id":"call_{index}","type":"function","function":{{"name":"{name}","arguments":"{{}}"}}}}]}}"#
    );
    chunk(&call, "null")
}

fn round(text: &str, calls: &[&str], finish: &str) -> String {
    let mut all = chunk(&format!(r#"{{"role":"assistant","content":"{text}"}}"#), "null");
    for (index, name) in (0..).zip(calls) {
        all.push_str(&call(index, name));
    }
    all + &chunk("{}", finish) + "data: [DONE]\n\n"
}

fn merge() -> Merge {
    Merge::new(Dialect::OpenAiChat, Reply::default(), 1 << 20)
}

/// Feeds a round in pieces of this length, and gives what the client got and what was answered.
fn feed(merge: &mut Merge, round: &str, length: usize) -> (String, Option<Answer>) {
    let (offer, mut out) = (offer(), Vec::new());
    for piece in round.as_bytes().chunks(length.max(1)) {
        out.extend_from_slice(&merge.feed(piece, &offer, None).unwrap());
    }
    let (rest, answer) = merge.end_round(&offer, None).unwrap();
    out.extend_from_slice(&rest);
    (String::from_utf8(out).unwrap(), answer)
}

fn names(text: &str) -> (bool, bool) {
    (text.contains("a__look"), text.contains("\"mine\""))
}

#[test]
fn two_rounds_are_one_stream() {
    let mut merge = merge();
    let (mut all, answer) = feed(&mut merge, &round("One.", &["a__look"], "\"tool_calls\""), 7);
    assert!(answer.unwrap().items.iter().any(|item| matches!(item, Item::ToolCall(_))), "the hub sees the call");
    assert!(!all.contains("tool_calls") && !all.contains("[DONE]"), "{all}");
    merge.go_on();
    let (more, answer) = feed(&mut merge, &round("Two.", &[], "\"stop\""), 7);
    all.push_str(&more);
    all.push_str(std::str::from_utf8(&merge.end(answer.unwrap().finish, None)).unwrap());
    assert_eq!(all.matches("\"role\":\"assistant\"").count(), 1, "{all}");
    assert_eq!(all.matches("\"finish_reason\":\"stop\"").count(), 1, "{all}");
    assert_eq!(all.matches("data: [DONE]").count(), 1, "{all}");
    assert!(all.find("One.") < all.find("\\n\\n") && all.find("\\n\\n") < all.find("Two."), "{all}");
    assert_eq!(names(&all), (false, false));
}

#[test]
fn calls_of_the_clients_go_on_and_count_from_nothing() {
    let mut merge = merge();
    let (all, _) = feed(&mut merge, &round("", &["a__look", "mine"], "\"tool_calls\""), 9);
    assert_eq!(names(&all), (false, true), "{all}");
    assert!(all.contains("\"index\":0,\"id\":\"call_1\""), "{all}");
}

#[test]
fn a_failure_is_told_and_ends_it() {
    let mut merge = merge();
    let (all, answer) = feed(&mut merge, "data: {\"error\":{\"message\":\"out of order\"}}\n\n", 5);
    assert!(all.contains("out of order") && answer.is_none(), "{all}");
}

#[test]
fn a40_a_round_beyond_the_limit_is_a_fault() {
    let mut merge = Merge::new(Dialect::OpenAiChat, Reply::default(), 100);
    assert!(merge.feed(round("One.", &[], "\"stop\"").as_bytes(), &offer(), None).is_err());
}

proptest! {
    /// Whatever the pieces in which it comes, the client gets the same, and never a call of the hub's.
    #[test]
    fn pieces_make_no_difference(calls in prop::collection::vec(prop::bool::ANY, 0..5), length in 1usize..400) {
        let calls: Vec<&str> = calls.into_iter().map(|own| if own { "mine" } else { "a__look" }).collect();
        let text = round("Said.", &calls, "\"tool_calls\"");
        let (whole, _) = feed(&mut merge(), &text, usize::MAX);
        let (all, answer) = feed(&mut merge(), &text, length);
        prop_assert_eq!(&all, &whole);
        prop_assert_eq!(names(&all), (false, calls.contains(&"mine")));
        prop_assert_eq!(answer.unwrap().items.len(), calls.len() + 1);
    }
}

#[test]
fn details_of_thoughts_have_numbers_of_their_own_in_all_rounds() {
    let detail = |told: &str| {
        chunk(&format!(r#"{{"reasoning_details":[{{"type":"reasoning.text","text":"Hm",{told}}}]}}"#), "null")
    };
    let mut merge = merge();
    let first = detail(r#""index":0"#)
        + &detail(r#""index":0"#)
        + &detail(r#""index":1"#)
        + &round("", &["a__look"], "\"tool_calls\"");
    let (mut all, _) = feed(&mut merge, &first, 50);
    merge.go_on();
    all.push_str(
        &feed(
            &mut merge,
            &(detail(r#""index":0"#) + &detail(r#""signature":"s""#) + &round("Two.", &[], "\"stop\"")),
            50,
        )
        .0,
    );
    let numbers: Vec<&str> = all.split("\"index\":").skip(1).map(|rest| &rest[..1]).collect();
    let details: Vec<&str> = all
        .split("reasoning_details")
        .skip(1)
        .filter_map(|rest| Some(&rest.split_once("\"index\":")?.1[..1]))
        .collect();
    assert!(details.len() >= 5 && numbers.len() > details.len(), "{all}");
    assert_eq!(details[..4], ["0", "0", "1", "2"], "{all}");
    assert_eq!(details[4..].iter().copied().collect::<std::collections::HashSet<_>>(), ["3"].into(), "{all}");
}

#[test]
fn a_response_ends_with_the_id_of_its_last_round() {
    let told = |kind: &str, id: &str, created: u32| {
        format!(
            "event: {kind}\ndata: {{\"type\":\"{kind}\",\"response\":{{\"id\":\"{id}\",\"object\":\"response\",\"created_at\":{created},\"model\":\"m\",\"status\":\"{}\",\"output\":[]}}}}\n\n",
            if kind.ends_with("created") { "in_progress" } else { "completed" }
        )
    };
    let mut merge = Merge::new(Dialect::OpenAiResponses, Reply::default(), 1 << 20);
    let round =
        |id: &str, created: u32| told("response.created", id, created) + &told("response.completed", id, created);
    let (mut all, _) = feed(&mut merge, &round("resp_1", 7), 60);
    merge.go_on();
    all.push_str(&feed(&mut merge, &round("resp_2", 8), 60).0);
    all.push_str(std::str::from_utf8(&merge.end(None, None)).unwrap());
    // What holds all of it is the last; when it was made does not change.
    let ids: Vec<&str> = all.split(r#""response":{"id":""#).skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids, ["resp_1", "resp_1", "resp_2"], "{all}");
    assert_eq!((all.matches("\"created_at\":7").count(), merge.ids()), (3, Some(("resp_1", "resp_2"))), "{all}");
}
