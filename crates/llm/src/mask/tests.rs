use super::*;

fn mask() -> Mask {
    Mask::new(["sk-secret/of-the-hub", "local"].map(|secret| Secret::new(secret.to_owned())))
}

#[test]
fn a118_a_credential_is_hidden_however_it_is_written() {
    let table = [
        (r#"{"a":"sk-secret/of-the-hub local"}"#, Some(r#"{"a":"*** local"}"#)),
        (r#"{"a":["bad sk-secret\/of-the-hub"]}"#, Some(r#"{"a":["bad ***"]}"#)),
        (r#"{"a":"\u0073k-secret/of-the-hub","b":"sk-secret/of-the-hub"}"#, Some(r#"{"a":"***","b":"***"}"#)),
        (r#"{"a":"a line\n","b":1.0}"#, None),
        ("no JSON: sk-secret/of-the-hub\\", Some("no JSON: ***\\")),
    ];
    for (text, hidden) in table {
        assert_eq!(mask().hide_json(text).as_deref(), hidden, "{text}");
    }
    assert!(mask().finds(b"\xffsk-secret/of-the-hub") && !mask().finds(b"local"));
}

#[test]
fn a118_a_credential_in_an_event_is_hidden_and_the_event_stays_one() {
    let events = "event: error\r\ndata: {\"a\":\"sk-secret\\/of-the-hub\"}\r\n\r\n: sk-secret/of-the-hub\n\n{\"b\":1}";
    let hidden = "event: error\r\ndata: {\"a\":\"***\"}\r\n\r\n: ***\n\n{\"b\":1}";
    assert_eq!(mask().hide_events(Bytes::from(events)).as_ref(), hidden.replace("data: ", "data:").as_bytes());
    assert_eq!(mask().hide_events(Bytes::from("data: {}\n\n")).as_ref(), b"data: {}\n\n");
}
