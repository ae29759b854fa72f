use super::*;
use http::HeaderValue;
use mcp::raw::Object;

#[test]
fn a_request_says_how_it_is_to_be_served() {
    let priority = Wanted::In(ServiceTier::Priority);
    let table = [
        (r#"{"service_tier":"priority"}"#, priority),
        (r#"{"service_tier":"flex"}"#, Wanted::In(ServiceTier::Flex)),
        (r#"{"service_tier":"auto"}"#, Wanted::Any),
        (r#"{"service_tier":"new"}"#, Wanted::Any),
        (r#"{"service_tier":"default"}"#, Wanted::Usual),
        (r#"{"service_tier":"standard_only"}"#, Wanted::Usual),
        (r#"{"service_tier":null}"#, Wanted::Usual),
        (r#"{"serviceTier":"SERVICE_TIER_PRIORITY"}"#, priority),
        (r#"{"serviceTier":{"type":"priority"}}"#, priority),
        (r#"{"tier":"priority","messages":["service_tier"]}"#, Wanted::Usual),
        ("{}", Wanted::Usual),
    ];
    for (body, wanted) in table {
        assert_eq!(Wanted::of_request(body, &Index::read(body).unwrap()), wanted, "{body}");
    }
}

#[test]
fn an_answer_says_how_it_was_served() {
    let tier = |tier| Some(Served::In(tier));
    let table = [
        (Dialect::OpenAiChat, r#"{"service_tier":"priority","usage":{}}"#, tier(ServiceTier::Priority)),
        (Dialect::OpenAiChat, r#"{"service_tier":"default"}"#, Some(Served::Usual)),
        (Dialect::OpenAiChat, r#"{"service_tier":"auto"}"#, None),
        (Dialect::OpenAiChat, r#"{"service_tier":null}"#, None),
        (Dialect::OpenAiResponses, r#"{"service_tier":"flex"}"#, tier(ServiceTier::Flex)),
        (Dialect::OpenAiResponses, r#"{"response":{"service_tier":"flex"}}"#, tier(ServiceTier::Flex)),
        (Dialect::Anthropic, r#"{"usage":{"service_tier":"batch"}}"#, tier(ServiceTier::Batch)),
        (Dialect::Anthropic, r#"{"message":{"usage":{"service_tier":"standard"}}}"#, Some(Served::Usual)),
        (Dialect::Gemini, r#"{"usageMetadata":{"serviceTier":"priority"}}"#, tier(ServiceTier::Priority)),
        (Dialect::Bedrock, r#"{"serviceTier":{"type":"flex"}}"#, tier(ServiceTier::Flex)),
        (Dialect::Bedrock, r#"{"serviceTier":{"type":"reserved"}}"#, Some(Served::Usual)),
        (Dialect::Ollama, r#"{"service_tier":"priority"}"#, None),
    ];
    for (dialect, data, served) in table {
        assert_eq!(Served::of_answer(dialect, &Object::read(data).unwrap()), served, "{data}");
    }
    let mut headers = HeaderMap::new();
    assert_eq!(Served::of_headers(&headers), None);
    headers.insert(&HEADER, HeaderValue::from_static("flex"));
    assert_eq!(Served::of_headers(&headers), tier(ServiceTier::Flex));
}
