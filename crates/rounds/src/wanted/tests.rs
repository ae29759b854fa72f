use super::*;
use http::HeaderValue;
use llm::Endpoint;

fn read(body: &str, header: Option<&'static str>) -> Result<Option<Wanted>> {
    let asked = Asked::read(Endpoint::ChatCompletions, None, body.to_owned().into()).unwrap();
    let mut given = HeaderMap::new();
    header.into_iter().for_each(|value| drop(given.insert(&HEADER, HeaderValue::from_static(value))));
    Wanted::of(&asked, &given)
}

fn said(view: Option<&str>, body: &'static str) -> Wanted {
    Wanted { view: view.map(str::to_owned), body: body.into() }
}

#[test]
fn nothing_is_said_by_default() {
    for body in [
        r#"{"model":"m"}"#,
        r#"{"model":"m","tools":[]}"#,
        r#"{"model":"m","tools":null}"#,
        r#"{"model":"m","tools":[{"type":"function","function":{"name":"tutti"}}]}"#,
        r#"{"model":"m","tools":[{"functionDeclarations":[]}],"x":"tutti"}"#,
    ] {
        assert_eq!(read(body, None).unwrap(), None, "{body}");
    }
}

#[test]
fn it_is_said_in_three_ways_and_leaves_no_trace() {
    let table = [
        (r#" {"model":"m","tools":"tutti"}"#, None, said(None, r#"{"model":"m"}"#)),
        (r#"{"tools":"research","model":"m"}"#, None, said(Some("research"), r#"{"model":"m"}"#)),
        (r#"{"model":"m","tools":[{"type":"tutti"}],"n":1}"#, None, said(None, r#"{"model":"m","n":1}"#)),
        (
            r#"{"model":"m","tools":[{"a":1}, {"type":"tutti","view":"research"},{"b":2}]}"#,
            None,
            said(Some("research"), r#"{"model":"m","tools":[{"a":1},{"b":2}]}"#),
        ),
        (r#"{"model":"m"}"#, Some("research"), said(Some("research"), r#"{"model":"m"}"#)),
        (r#"{"model":"m","tools":[{"a":1}]}"#, Some("tutti"), said(None, r#"{"model":"m","tools":[{"a":1}]}"#)),
        (r#"{"model":"m","tools":"tutti"}"#, Some("research"), said(None, r#"{"model":"m"}"#)),
    ];
    for (body, header, expected) in table {
        assert_eq!(read(body, header).unwrap(), Some(expected), "{body}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (body, header) in [
        (r#"{"model":"m","tools":""}"#, None),
        (r#"{"model":"m"}"#, Some("")),
        (r#"{"model":"m","tools":"\ud800"}"#, None),
        (r#"{"model":"m","tools":[{"type":"tutti","view":7}]}"#, None),
        (r#"{"model":"m","tools":[{"type":"tutti"},{"type":"tutti"}]}"#, None),
        (r#"{"model":"m","tools":"tutti","n":2}"#, None),
    ] {
        let error = read(body, header).unwrap_err();
        assert_eq!(error.code(), Code::ModelRequest, "{body}");
    }
}

#[test]
fn what_generates_nothing_has_no_tools() {
    let asked = Asked::read(Endpoint::Embeddings, None, r#"{"model":"m","tools":"tutti"}"#.into()).unwrap();
    assert_eq!(Wanted::of(&asked, &HeaderMap::new()).unwrap(), None);
}

#[test]
fn tokens_are_not_counted_of_tools_of_the_hub() {
    let of = |body: &'static str, header: bool| {
        let asked = Asked::read(Endpoint::CountTokens, None, body.into()).unwrap();
        let mut given = HeaderMap::new();
        if header {
            given.insert(HEADER.clone(), http::HeaderValue::from_static("tutti"));
        }
        Wanted::of(&asked, &given)
    };
    for body in
        [r#"{"model":"m","messages":[],"tools":"tutti"}"#, r#"{"model":"m","messages":[],"tools":[{"type":"tutti"}]}"#]
    {
        assert_eq!(of(body, false).unwrap_err().code(), Code::ModelRequest, "{body}");
    }
    assert_eq!(of(r#"{"model":"m","messages":[],"tools":[{"name":"f"}]}"#, true).unwrap(), None);
}
