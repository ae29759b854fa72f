use crate::config::{Deployment, Settings, read};
use base::config::{Problems, yaml};

fn settings(text: &str) -> Settings {
    let document = yaml("t.yaml", text).unwrap();
    let problems = Problems::new();
    let settings = read(&problems, Some((&document.root, "t.yaml")), &[]);
    problems.into_result().unwrap_or_else(|errors| panic!("{errors:#?}"));
    settings
}

#[test]
fn names_mean_what_clients_mean_by_them() {
    let settings = settings(
        "providers:\n  near: { url: \"http://127.0.0.1:1/v1\", models: [small] }\n  openai: { kind: openai, api_key: k }\n\
         deployments: { near/small: { context_length: 5000 } }\n\
         routes: { default: { use: [near/small, openai/gpt-4o] } }\n",
    );
    let shown = |name: &str| {
        let found = settings.deployments_of(name)?;
        Some(found.iter().map(Deployment::to_string).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(shown("default").as_deref(), Some("near/small openai/gpt-4o"));
    assert_eq!(shown("default:floor").as_deref(), Some("near/small openai/gpt-4o"));
    assert_eq!(shown("small").as_deref(), Some("near/small"));
    assert_eq!(shown("near/other").as_deref(), Some("near/other"));
    assert_eq!(shown("elsewhere/other"), None);
    assert_eq!(settings.names(), ["default", "small"]);
    let window = |name: &str| settings.window(&Deployment::parse(name).unwrap());
    assert_eq!(window("near/small"), Some(5000));
    assert_eq!(window("near/other"), None);
    assert_eq!(window("openai/gpt-4o"), Some(128_000));
}
