use super::*;
use base::config::{Problems, yaml};

fn settings(text: &str) -> Settings {
    let (problems, document) = (Problems::new(), yaml("tutti.yaml", text).unwrap());
    let settings = crate::config::read(&problems, Some((&document.root, "tutti.yaml")), &[]);
    problems.into_result().unwrap();
    settings
}

const MODELS: &str = "
providers:
  openai: {models: [gpt-5, org/shared]}
  local: {url: 'http://127.0.0.1:1', models: [org/shared]}
  anthropic: {}
routes:
  default: {use: [openai/gpt-5, anthropic/claude, local/org/qwen]}
  gpt-5: {use: [local/mine]}
";

#[test]
fn a_name_leads_to_deployments_in_their_order() {
    let settings = settings(MODELS);
    let table = [
        ("default", Endpoint::ChatCompletions, Ok(vec!["openai/gpt-5", "anthropic/claude", "local/org/qwen"])),
        ("default", Endpoint::OllamaChat, Ok(vec!["openai/gpt-5", "anthropic/claude", "local/org/qwen"])),
        // What no model generates is in the dialect of the provider or not at all.
        ("default", Endpoint::CountTokens, Ok(vec!["anthropic/claude"])),
        ("default", Endpoint::EmbedContent, Err(Code::ModelDialect)),
        ("gpt-5", Endpoint::ChatCompletions, Ok(vec!["local/mine"])),
        ("org/shared", Endpoint::ChatCompletions, Ok(vec!["local/org/shared", "openai/org/shared"])),
        ("anthropic/any/thing", Endpoint::CountTokens, Ok(vec!["anthropic/any/thing"])),
        ("openai/", Endpoint::ChatCompletions, Err(Code::ModelUnknown)),
        ("nobody", Endpoint::ChatCompletions, Err(Code::ModelUnknown)),
    ];
    for (model, endpoint, expected) in table {
        let found = find(&settings, model, endpoint);
        let found = found.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            found.map_err(|error| error.code()),
            expected.map(|all| all.iter().map(ToString::to_string).collect())
        );
    }
    assert_eq!(names(&settings), ["default", "gpt-5", "org/shared"]);
}
