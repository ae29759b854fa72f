use super::*;

fn rounds() -> Rounds {
    Rounds::new(Sealer::new(&[7; 32]))
}

#[test]
fn a_digest_ignores_rounds_order_and_white_space_and_nothing_else() {
    let of = |params: &str| digest(&Method::ToolsCall, params);
    let one = of(r#"{"name":"a","arguments":{"x":1,"y":[1,2]},"_meta":{"k":1}}"#);
    let other = of(r#"{ "arguments": {"y":[1,2],"x":1}, "name":"a", "requestState":"s", "inputResponses":{"a":{}} }"#);
    assert_eq!(one, other);
    for changed in [r#"{"name":"b","arguments":{"x":1,"y":[1,2]}}"#, r#"{"name":"a","arguments":{"x":1,"y":[2,1]}}"#] {
        assert_ne!(of(changed), one);
    }
    assert_ne!(digest(&Method::PromptsGet, r#"{"name":"a"}"#), digest(&Method::ToolsCall, r#"{"name":"a"}"#));
}

#[test]
fn a13_a_digest_takes_no_object_for_what_one_of_its_texts_says() {
    let of = |arguments: &str| digest(&Method::ToolsCall, &format!(r#"{{"name":"a","arguments":{arguments}}}"#));
    let name = base::json::RESERVED;
    assert_ne!(of(&format!(r#"{{"{name}":"{{\"x\":1}}"}}"#)), of(r#"{"x":1}"#));
}

#[test]
fn a30_a_state_is_good_for_its_call_and_its_principal_only() {
    let rounds = rounds();
    let result = r#"{"resultType":"input_required","requestState":"the upstream's","inputRequests":{}}"#;
    let wrapped = rounds.wrap(result, "call", "alice").expect("sealed");
    let state = raw::get(&wrapped, "requestState").and_then(raw::text).expect("a state").into_owned();
    assert!(!wrapped.contains("the upstream's"));
    assert!(matches!(rounds.open(&state, "call", "alice"), Ok(Opened::Upstreams(own)) if own == "\"the upstream's\""));
    for (call, principal) in [("other", "alice"), ("call", "bob")] {
        assert_eq!(
            rounds.open(&state, call, principal).err().map(|error| error.code()),
            Some(Code::RequestStateInvalid)
        );
    }
    for at in [0, 1, state.len() / 2, state.len() - 1] {
        let mut tampered = state.clone().into_bytes();
        tampered[at] = if tampered[at] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(tampered).expect("text");
        assert!(rounds.open(&tampered, "call", "alice").is_err(), "byte {at}");
    }
    let stranger = Rounds::new(Sealer::new(&[8; 32]));
    assert!(stranger.open(&state, "call", "alice").is_err());
}

#[test]
fn a_result_without_a_state_stays_as_it_is() {
    let result = r#"{"resultType":"input_required","inputRequests":{}}"#;
    assert_eq!(rounds().wrap(result, "call", "alice").expect("unchanged"), result);
}

#[test]
fn a_state_may_begin_anew() {
    let rounds = rounds();
    let state = rounds.anew("call", "alice").expect("sealed");
    assert!(matches!(rounds.open(&state, "call", "alice"), Ok(Opened::Anew)));
    assert!(rounds.open(&state, "call", "bob").is_err());
}

#[test]
fn questions_are_written_as_the_modern_era_has_them() {
    let asks = [
        Ask {
            key: 1,
            method: Method::Elicit,
            params: r#"{"mode":"url","elicitationId":"x","url":"https://a"}"#.into(),
        },
        Ask { key: 2, method: Method::RootsList, params: "{}".into() },
    ];
    let result: Value = serde_json::from_str(&input_required(asks.iter(), "\"s\"")).expect("JSON");
    assert_eq!(
        result,
        json!({"resultType": "input_required", "requestState": "s", "inputRequests": {
            "input-1": {"method": "elicitation/create", "params": {"mode": "url", "url": "https://a"}},
            "input-2": {"method": "roots/list", "params": {}}}})
    );
}
