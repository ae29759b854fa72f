use super::*;

#[test]
fn what_is_said_of_thoughts_is_known_and_nothing_else() {
    let refused = |said: &str| are_said(&format!("o/m refused the request with status 400, and says {said:?}"));
    assert!(refused("registry.ollama.ai/library/llama3.1:8b does not support thinking"));
    assert!(refused("think value \"medium\" is not supported for this model"));
    assert!(!refused("llama3.1 does not support tools") && !refused("`thinking` must be an object"));
}
