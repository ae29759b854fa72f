use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn read(endpoint: Endpoint, body: &str) -> Result<Asked> {
    Asked::read(endpoint, endpoint.names_model_in_path().then_some("m"), Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn what_is_asked_is_read_and_all_else_stays() {
    let table = [
        (Endpoint::ChatCompletions, r#"{"model":"a","stream":true,"n":3}"#, ("a", true, 3)),
        (Endpoint::ChatCompletions, r#" { "stream" : false , "model" : "a\u0062" } "#, ("ab", false, 1)),
        (Endpoint::Embeddings, r#"{"model":"a","stream":true}"#, ("a", false, 1)),
        (Endpoint::Messages, r#"{"x":{"model":"no","stream":true},"model":"a"}"#, ("a", false, 1)),
        (Endpoint::OllamaChat, r#"{"model":"a"}"#, ("a", true, 1)),
        (Endpoint::OllamaChat, r#"{"model":"a","stream":false}"#, ("a", false, 1)),
        (Endpoint::StreamGenerateContent, r#"{"generationConfig":{"candidateCount":2}}"#, ("m", true, 2)),
        (Endpoint::GenerateContent, r#"{"stream":true}"#, ("m", false, 1)),
    ];
    for (endpoint, body, expected) in table {
        let asked = read(endpoint, body).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!((&*asked.model, asked.stream, asked.answers), expected, "{body}");
    }
}

#[test]
fn what_no_request_can_be_is_refused() {
    let deep = format!(r#"{{"model":"a","x":{}{}}}"#, "[".repeat(300), "]".repeat(300));
    let long = format!(r#"{{"model":"{}"}}"#, "a".repeat(600));
    let bodies = [
        "",
        "{",
        "[]",
        "null",
        r#"{"model":1}"#,
        r#"{}"#,
        r#"{"model":""}"#,
        r#"{"model":"a\n"}"#,
        r#"{"model":"a\u202e"}"#,
        r#"{"model":"a\u200b"}"#,
        r#"{"model":"a","model":"b"}"#,
        r#"{"model":"a","mod\u0065l":"b"}"#,
        r#"{"model":"\ud800"}"#,
        &deep,
        &long,
    ];
    for body in bodies {
        let error = read(Endpoint::ChatCompletions, body).err().unwrap_or_else(|| panic!("{body:.60} is taken"));
        assert_eq!(error.code(), Code::ModelRequest, "{body:.60}");
    }
    let bytes = Bytes::from_static(b"{\"model\":\"\xff\"}");
    assert_eq!(Asked::read(Endpoint::ChatCompletions, None, bytes).unwrap_err().code(), Code::ModelRequest);
}

#[test]
fn what_could_never_be_fetched_is_refused() {
    let of = |endpoint, value: &str| read(endpoint, &format!(r#"{{"model":"a","background":{value}}}"#));
    for value in ["true", "\"true\"", "1"] {
        let error = of(Endpoint::Responses, value).unwrap_err();
        assert_eq!(error.code(), Code::ModelRequest, "{value}");
        assert!(error.next().contains("`stream: true`"), "{}", error.next());
    }
    for value in ["false", "null"] {
        assert!(of(Endpoint::Responses, value).is_ok(), "{value}");
    }
    assert!(read(Endpoint::Responses, r#"{"model":"a","Background":true}"#).is_err());
    // Of pictures.
    assert!(of(Endpoint::ImageGenerations, "\"transparent\"").is_ok());
}

/// Such a request would be counted by its few bytes, and another provider knows nothing of the rest.
#[test]
fn a90_conversations_that_a_provider_keeps_are_refused() {
    let of = |endpoint, value: &str| read(endpoint, &format!(r#"{{"model":"a","messages":[],"thread":{value}}}"#));
    for value in [r#"{"type":"create"}"#, r#"{"type":"continue","previous_message_id":"msg_1"}"#] {
        for endpoint in [Endpoint::Messages, Endpoint::CountTokens] {
            let error = of(endpoint, value).unwrap_err();
            assert_eq!((error.code(), error.detail()), (Code::ModelRequest, Some("thread_unsupported_request")));
        }
        assert!(of(Endpoint::ChatCompletions, value).is_ok());
    }
    assert!(of(Endpoint::Messages, "null").is_ok());
    assert!(read(Endpoint::Messages, r#"{"model":"a","Thread":{}}"#).is_err());
}

#[test]
fn a28_a90_what_two_readers_could_read_in_two_ways_is_refused() {
    let bodies = [
        r#""MODEL":"b""#,
        r#""Mod\u0065l":"b""#,
        r#""model\u0000":"b""#,
        r#""modelS":["b"]"#,
        r#""Fallbacks":["b"]"#,
        r#""N":1000"#,
        r#""Max_Tokens":1"#,
        r#""max_toKens":1"#,
        "\"max_to\u{212a}ens\":1",
        "\"\u{17f}tream\":true",
        r#""stream":"true""#,
        r#""stream":1"#,
        r#""n":"1000""#,
        r#""n":1e3"#,
        r#""n":1000.5"#,
        r#""n":-1"#,
        r#""n":4294967296"#,
        r#""n":[1000]"#,
    ];
    for body in bodies {
        let error = read(Endpoint::ChatCompletions, &format!(r#"{{"model":"a",{body}}}"#)).err();
        assert_eq!(error.map(|error| error.code()), Some(Code::ModelRequest), "{body}");
    }
    assert!(read(Endpoint::OllamaChat, r#"{"model":"a","stream":"no"}"#).is_err());
    for body in [r#""n":null"#, r#""stream":null"#, r#""x":{"MODEL":"b"}"#, r#""Temperature":1,"enableThinking":true"#]
    {
        assert!(read(Endpoint::ChatCompletions, &format!(r#"{{"model":"a",{body}}}"#)).is_ok(), "{body}");
    }
    let most = [
        (Endpoint::ChatCompletions, r#"{"model":"a","n":1000.0}"#),
        (Endpoint::GenerateContent, r#"{"generationConfig":{"candidateCount":1,"candidate_count":1000}}"#),
        (Endpoint::GenerateContent, r#"{"generationConfig":{"candidateCount":1,"candidateCount":1000}}"#),
        (
            Endpoint::GenerateContent,
            r#"{"generationConfig":{"candidateCount":1},"generation_config":{"candidateCount":1000}}"#,
        ),
    ];
    for (endpoint, body) in most {
        assert_eq!(read(endpoint, body).map(|asked| asked.answers).ok(), Some(1000), "{body}");
    }
}

#[test]
fn a_body_of_gemini_says_what_its_path_says() {
    let asked = read(Endpoint::GeminiCountTokens, r#"{"model":"models/m","contents":[]}"#).unwrap();
    assert_eq!(asked.body_for("other"), r#"{"model":"models/other","contents":[]}"#);
    assert_eq!(read(Endpoint::GenerateContent, "{}").unwrap().body_for("other"), "{}");
    let many = r#"{"requests":[{"model":"models/m","content":{}},{"content":{"model":"x"}}],"model":"models/m"}"#;
    let asked = read(Endpoint::BatchEmbedContents, many).unwrap();
    assert_eq!(asked.body_for("other"), many.replace("models/m", "models/other"));
    for name in ["generateContentRequest", "generate_content_request"] {
        let counted = format!(r#"{{"{name}":{{"model":"models/m","contents":[]}}}}"#);
        let asked = read(Endpoint::GeminiCountTokens, &counted).unwrap();
        assert_eq!(asked.body_for("other"), counted.replace("models/m", "models/other"));
    }
    // There it is a field of the client's.
    let kept = r#"{"generateContentRequest":{"model":"models/m"}}"#;
    assert_eq!(read(Endpoint::GenerateContent, kept).unwrap().body_for("other"), kept);
}

/// Any JSON as people write it, with numbers, escapes and spaces that a writer would not make again.
fn any_written() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1.0e0".to_owned()),
        Just("12345678901234567890123".to_owned()),
        Just("\"\\u00e9\\/\"".to_owned()),
        Just(" null ".to_owned()),
        any::<String>().prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[ {}]", items.join(" ,\t"))),
            prop::collection::vec(inner, 0..4).prop_map(|items| {
                let members = items.iter().enumerate().map(|(at, item)| format!("\"k{at}\" :\n{item}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn all_but_the_name_goes_on_byte_for_byte(
        before in any_written(), after in any_written(), old in "[^\\x00-\\x1f\\x7f-\\x9f]{1,20}", new in "\\PC{1,20}",
    ) {
        prop_assume!(!old.chars().any(is_deceptive));
        let (old, new_text) = (Value::from(old).to_string(), Value::from(new.clone()).to_string());
        let around = |name: &str| format!("{{\"a\": {before}, \"model\" : {name} ,\"b\":{after}}}");
        let asked = read(Endpoint::ChatCompletions, &around(&old)).unwrap();
        let same = *new == *asked.model;
        let expected = around(if same { &old } else { &new_text });
        prop_assert_eq!(asked.body_for(&new), expected.as_bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Asked::read(Endpoint::ChatCompletions, None, bytes.into());
    }
}

#[test]
fn more_models_in_a_body_are_seen() {
    let table = [
        // A list is the gateway's own, and what it names is held to what the key may ask.
        (r#"{"model":"a","models":["b"]}"#, false),
        (r#"{"model":"a","mod\u0065ls":["b"]}"#, false),
        (r#"{"model":"a","fallbacks":[{"model":"b"}]}"#, true),
        (r#"{"model":"a","models":null,"fallbacks":[]}"#, false),
        (r#"{"model":"a","metadata":{"models":["b"]}}"#, false),
    ];
    for (body, expected) in table {
        assert_eq!(read(Endpoint::ChatCompletions, body).unwrap().names_others(), expected, "{body}");
    }
}

#[test]
fn models_that_are_no_list_are_refused() {
    for models in [r#""b""#, r#"{"b":1}"#, "1", "true"] {
        for name in ["models", "mod\\u0065ls"] {
            let error = read(Endpoint::ChatCompletions, &format!(r#"{{"model":"a","{name}":{models}}}"#)).unwrap_err();
            assert_eq!(error.code(), Code::ModelRequest, "{models}");
            assert!(error.message().contains("`models`, which are no list"), "{}", error.message());
        }
    }
}

#[test]
fn the_first_of_several_models_stands_for_the_model() {
    let table = [
        (r#"{"models":["a","b","c"],"messages":[]}"#, r#"{"model":"x","messages":[]}"#),
        (
            r#"{ "messages" : [] , "models":["a","b","c"], "provider":{"order":["p"]}}"#,
            r#"{"model":"x", "messages" : []}"#,
        ),
    ];
    for (body, expected) in table {
        let asked = read(Endpoint::ChatCompletions, body).unwrap();
        assert_eq!((&*asked.model, asked.others()), ("a", &["b".to_owned(), "c".to_owned()][..]), "{body}");
        let sent = asked.body_for("x");
        let [sent, expected] = [&*sent, expected.as_bytes()].map(|body| serde_json::from_slice::<Value>(body).unwrap());
        assert_eq!(sent, expected, "{body}");
    }
    assert_eq!(read(Endpoint::ChatCompletions, r#"{"models":["a"]}"#).unwrap().body_for("a"), r#"{"model":"a"}"#);
    for none in [r#"{"models":[]}"#, r#"{"models":null}"#, r#"{"models":["a"],"model":null}"#] {
        assert!(read(Endpoint::ChatCompletions, none).is_err(), "{none}");
    }
    // Where the path names the model they are all others.
    let asked = read(Endpoint::GenerateContent, r#"{"models":["a"],"contents":[]}"#).unwrap();
    assert_eq!(
        (&*asked.model, asked.others(), &*asked.body_for("x")),
        ("m", &["a".to_owned()][..], &br#"{"contents":[]}"#[..])
    );
}

#[test]
fn what_is_for_the_gateway_does_not_go_on() {
    let body = r#"{"provider":{"order":["x"]},"model":"a","mod\u0065ls":["b","c"],"x":{"models":["d"]}}"#;
    let asked = read(Endpoint::ChatCompletions, body).unwrap();
    assert_eq!(asked.body_for("m"), r#"{"model":"m","x":{"models":["d"]}}"#);
    assert_eq!((asked.others(), asked.is_choosy()), (&["b".to_owned(), "c".to_owned()][..], true));
    let other = r#"{"provider":"x","model":"a"}"#;
    assert_eq!(read(Endpoint::ChatCompletions, other).unwrap().body_for("a"), other);
}

#[test]
fn a_part_of_a_round_is_of_the_round() {
    let read = || read(Endpoint::Responses, r#"{"model":"m","input":"x","store":false}"#).unwrap();
    assert!(!read().lacks_thoughts() && !read().preferring_as(&read()).lacks_thoughts());
    assert!(read().preferring_as(&read().in_rounds()).lacks_thoughts());
    let chat = self::read(Endpoint::ChatCompletions, r#"{"model":"m","messages":[]}"#).unwrap();
    assert!(!chat.in_rounds().lacks_thoughts(), "there is nothing to ask for");
}
