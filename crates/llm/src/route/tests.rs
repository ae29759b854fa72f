use super::*;
use base::config::{Problems, yaml};
use routing::Sort;

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
        ("default", Endpoint::EmbedContent, Ok(vec!["openai/gpt-5", "local/org/qwen"])),
        ("gpt-5", Endpoint::CountTokens, Err(Code::ModelDialect)),
        ("gpt-5", Endpoint::ChatCompletions, Ok(vec!["local/mine"])),
        ("org/shared", Endpoint::ChatCompletions, Ok(vec!["local/org/shared", "openai/org/shared"])),
        ("anthropic/any/thing", Endpoint::CountTokens, Ok(vec!["anthropic/any/thing"])),
        ("openai/", Endpoint::ChatCompletions, Err(Code::ModelUnknown)),
        ("nobody", Endpoint::ChatCompletions, Err(Code::ModelUnknown)),
    ];
    for (model, endpoint, expected) in table {
        let found = find(&settings, model, endpoint, &Caller::local("local".into()));
        let found = found.map(|meant| meant.deployments.iter().map(|(one, _)| one.to_string()).collect::<Vec<_>>());
        assert_eq!(
            found.map_err(|error| error.code()),
            expected.map(|all| all.iter().map(ToString::to_string).collect())
        );
    }
    assert_eq!(settings.names(), ["default", "gpt-5", "org/shared"]);
}

#[test]
fn an_ending_says_how_deployments_are_put_in_order_unless_a_model_has_that_name() {
    let settings = settings(
        "{providers: {local: {url: 'http://127.0.0.1:1', models: ['a:floor', b]}}, routes: {r: {use: [local/x]}}}",
    );
    let sort = |model: &str, caller: &Caller| {
        find(&settings, model, Endpoint::ChatCompletions, caller).map(|meant| meant.sort).map_err(|error| error.code())
    };
    let anybody = Caller::local("local".into());
    assert_eq!(sort("r:floor", &anybody), Ok(Some(Sort::Price)));
    assert_eq!(sort("b:nitro", &anybody), Ok(Some(Sort::Throughput)));
    assert_eq!(sort("a:floor", &anybody), Ok(None));
    assert_eq!(sort("nobody:floor", &anybody), Err(Code::ModelUnknown));
    // What a key may ask for is judged by what the name means in the end.
    let only = |model: &str| Caller { models: Some([model.to_owned()].into()), ..anybody.clone() };
    assert_eq!(sort("r:floor", &only("r")), Ok(Some(Sort::Price)));
    assert_eq!(sort("a:floor", &only("a")), Err(Code::ModelUnknown));
}
