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
    }
}
