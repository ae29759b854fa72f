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
