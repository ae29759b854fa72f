use super::*;

#[test]
fn a_model_is_one_segment_of_a_path() {
    let table = [
        ("gemini-2.5-pro", "/models/gemini-2.5-pro:generateContent"),
        ("../admin", "/models/..%2Fadmin:generateContent"),
        ("a b?c#d", "/models/a%20b%3Fc%23d:generateContent"),
        ("ü", "/models/%C3%BC:generateContent"),
    ];
    for (model, path) in table {
        assert_eq!(Endpoint::GenerateContent.path(model), path);
    }
    assert_eq!(Endpoint::ChatCompletions.path("../admin"), "/chat/completions");
}

#[test]
fn a_model_of_bedrock_may_be_an_address_of_its_own() {
    let table = [
        ("amazon.nova-lite-v1:0", "/model/amazon.nova-lite-v1%3A0/converse"),
        (
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.x",
            "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A123456789012%3Ainference-profile%2Feu.x/converse",
        ),
    ];
    for (model, path) in table {
        assert_eq!(Endpoint::Converse.path(model), path);
        assert_eq!(Endpoint::ConverseStream.path(model), format!("{path}-stream"));
    }
}
