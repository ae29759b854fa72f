use super::*;

#[test]
fn what_is_not_offered_is_not_declared() {
    assert_eq!(Offers::NONE.to_json(), "{}");
    let all = Offers { elicitation: true, roots: true, sampling: true };
    let json: serde_json::Value = serde_json::from_str(&all.to_json()).expect("JSON");
    assert_eq!(json["elicitation"]["url"], serde_json::json!({}));
    let narrowed = Offers { sampling: false, ..all };
    assert_eq!(narrowed.narrow(r#"{"sampling":{},"roots":{},"x":1}"#), r#"{"roots":{},"x":1}"#);
    assert!(
        !narrowed.cover(&Method::CreateMessage)
            && narrowed.cover(&Method::Elicit)
            && narrowed.cover(&Method::RootsList)
    );
    assert!(!all.cover(&Method::Ping));
}

#[test]
fn a_client_takes_what_it_declared() {
    let rows = [
        (r#"{}"#, Method::Elicit, "{}", false),
        (r#"{"elicitation":{}}"#, Method::Elicit, "{}", true),
        (r#"{"elicitation":{}}"#, Method::Elicit, r#"{"mode":"url"}"#, false),
        (r#"{"elicitation":{"url":{}}}"#, Method::Elicit, r#"{"mode":"url"}"#, true),
        (r#"{"elicitation":{"url":{}}}"#, Method::Elicit, r#"{"mode":"form"}"#, false),
        (r#"{"elicitation":{"form":{},"url":{}}}"#, Method::Elicit, "{}", true),
        (r#"{"sampling":{}}"#, Method::CreateMessage, "{}", true),
        (r#"{"sampling":{}}"#, Method::CreateMessage, r#"{"tools":[]}"#, false),
        (r#"{"sampling":{"tools":{}}}"#, Method::CreateMessage, r#"{"tools":[]}"#, true),
        (r#"{"roots":{}}"#, Method::RootsList, "{}", true),
        (r#"{"roots":null}"#, Method::RootsList, "{}", false),
        (r#"{"roots":{},"sampling":{}}"#, Method::ToolsCall, "{}", false),
    ];
    for (capabilities, method, params, expected) in rows {
        assert_eq!(takes(capabilities, &method, params), expected, "{capabilities} {method:?} {params}");
        let enough = takes(&needed(&method, params).to_string(), &method, params);
        assert_eq!(enough, method != Method::ToolsCall, "what is needed is enough: {method:?} {params}");
    }
}

#[test]
fn a33_only_web_addresses_are_shown_to_users() {
    for (params, expected) in [
        (r#"{"mode":"url","url":"https://example.com/x"}"#, true),
        (r#"{"mode":"url","url":"HTTP://example.com"}"#, true),
        (r#"{"mode":"url","url":"javascript:alert(1)"}"#, false),
        (r#"{"mode":"url","url":" https://example.com"}"#, false),
        (r#"{"mode":"url","url":"file:///etc/passwd"}"#, false),
        (r#"{"mode":"url"}"#, false),
        (r#"{"mode":"\u0075rl","url":"data:text/html,x"}"#, false),
        (r#"{"message":"a form","url":"javascript:x"}"#, true),
    ] {
        assert_eq!(is_safe(params), expected, "{params}");
    }
}
