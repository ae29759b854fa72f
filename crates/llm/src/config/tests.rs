use super::*;
use base::config::yaml;

pub(crate) fn read_text(text: &str) -> (Settings, Vec<Error>) {
    let (problems, document) = (Problems::new(), yaml("tutti.yaml", text).unwrap());
    let lacking = [("lacks".to_owned(), Error::new(Code::SecretMissing, "x", "y"))];
    let settings = read(&problems, Some((&document.root, "tutti.yaml")), &lacking);
    (settings, problems.into_result().err().unwrap_or_default())
}

#[test]
fn a_provider_has_its_usual_place() {
    let text = "providers:
  openai: {}
  anthropic: {url: 'https://example.org/claude/'}
  gemini: {}
  ollama: {url: 'http://127.0.0.1:1/v1'}
  mine: {url: 'http://127.0.0.1:1', timeouts: {idle: 5s}, answer_limit: 1MiB, probe: {every: 7s}}
  lacks: {kind: openai}
";
    let (settings, problems) = read_text(text);
    assert!(problems.is_empty(), "{problems:?}");
    let table = [
        ("openai", Kind::OpenAi, "api.openai.com", "/v1"),
        ("anthropic", Kind::Anthropic, "example.org", "/claude"),
        ("gemini", Kind::Gemini, "generativelanguage.googleapis.com", "/v1beta"),
        ("ollama", Kind::Ollama, "127.0.0.1", ""),
        ("mine", Kind::OpenAiCompatible, "127.0.0.1", "/v1"),
    ];
    for (name, kind, host, path) in table {
        let provider = &settings.providers[name];
        let address = &provider.address;
        assert_eq!((provider.kind, address.host.as_str(), address.path.as_str()), (kind, host, path), "{name}");
    }
    assert_eq!(settings.providers["mine"].timeouts.idle, Duration::from_secs(5));
    assert_eq!(settings.providers["mine"].probe, Some(Duration::from_secs(7)));
    assert_eq!(settings.providers["openai"].probe, None);
    assert_eq!(settings.providers["lacks"].fault.as_ref().map(Error::code), Some(Code::SecretMissing));
}

#[test]
fn what_holds_for_tools_has_usual_values() {
    let usual = ToolSettings::default();
    assert_eq!(read_text("{}").0.tools, usual);
    let (settings, problems) = read_text("tools: {top: 3, rounds: 2, calls: 5, time: 1m, result: 1KiB, results: 2KiB}");
    assert!(problems.is_empty(), "{problems:?}");
    let expected =
        ToolSettings { top: 3, rounds: 2, calls: 5, time: Duration::from_secs(60), result: 1024, results: 2048 };
    assert_eq!(settings.tools, expected);
}

#[test]
fn faults_are_told_where_they_stand() {
    let table = [
        ("providers: {mine: {}}", "has no `url`"),
        ("providers: {mine: {url: 'ftp://x'}}", "begins with neither"),
        ("providers: {mine: {url: 'http://me:secret@x'}}", "holds a credential"),
        ("providers: {a/b: {url: 'http://x'}}", "cannot be the name of a provider"),
        ("providers: {openai: {kind: opena}}", "cannot be `opena`"),
        ("providers: {openai: {apikey: x}}", "has the key `apikey`"),
        ("providers: {openai: {headers: {'a b': x}}}", "is no header"),
        ("providers: {openai: {timeouts: {idle: 0}}}", "out of range"),
        ("providers: {openai: {probe: {every: 1ms}}}", "out of range"),
        ("providers: {openai: {dialects: [openai-chat, french]}}", "has `french`"),
        ("routes: {r: {}}", "uses no deployment"),
        ("providers: {openai: {}}\nroutes: {r: {use: [nobody/x]}}", "has `nobody/x`"),
        ("providers: {openai: {}}\nroutes: {r: {use: [openai]}}", "has `openai`"),
        ("providers: {bedrock: {}}", "names no `region`"),
        ("providers: {bedrock: {region: 'x.evil.org/'}}", "cannot be `x.evil.org/`"),
        ("providers: {bedrock: {region: eu-west-1, access_key_id: a}}", "`access_key_id` and no `secret_access_key`"),
        (
            "providers: {bedrock: {region: eu-west-1, secret_access_key: a}}",
            "`secret_access_key` and no `access_key_id`",
        ),
        ("providers: {bedrock: {region: eu-west-1, session_token: a}}", "a `session_token` and no credentials"),
        (
            "providers: {bedrock: {url: 'http://x', access_key_id: a, secret_access_key: b}}",
            "for which requests are signed",
        ),
        (
            "providers: {bedrock: {region: r, api_key: k, access_key_id: a, secret_access_key: b}}",
            "has both `api_key` and",
        ),
        ("providers: {bedrock: {region: r, dialects: [openai-chat]}}", "has `openai-chat`"),
        ("providers: {openai: {dialects: [bedrock]}}", "has `bedrock`"),
        ("providers: {openai: {region: r}}", "has the key `region`"),
        ("providers: {openai: {limits: {}}}", "`models.providers.openai.limits` limits nothing"),
        ("providers: {openai: {limits: {queue: 3}}}", "limits nothing"),
        ("providers: {openai: {limits: {concurrency: 0}}}", "out of range"),
        ("providers: {openai: {limits: {rate: 5}}}", "must be a rate"),
        ("providers: {openai: {}}\ndeployments: {openai/m: {limits: {requests: 5}}}", "has the key `requests`"),
        ("provider: {}", "has the key `provider`"),
        ("tools: {rounds: 0}", "out of range"),
        ("tools: {depth: 3}", "has the key `depth`"),
    ];
    for (text, expected) in table {
        let (_, problems) = read_text(text);
        let told: Vec<_> = problems.iter().map(Error::message).collect();
        assert!(told.iter().any(|message| message.contains(expected)), "{text}: {told:?}");
        assert!(problems.iter().all(|problem| !problem.to_string().contains("secret@")), "{text}");
    }
}

#[test]
fn limits_of_providers_and_deployments_have_usual_queues() {
    let (settings, problems) = read_text(
        "providers:
  openai: {limits: {rate: 60/m, tokens: 2000000/m}}
  builtin: {limits: {concurrency: 2, queue: 0, wait: 1s}}
  lacks: {kind: openai}
deployments:
  openai/m: {limits: {concurrency: 3}}
",
    );
    assert!(problems.is_empty(), "{problems:?}");
    let limits = settings.providers["openai"].limits.unwrap();
    let minute = |count| Some(resilience::bucket::Rate { count, per: Duration::from_secs(60), burst: count });
    assert_eq!((limits.quota.running, limits.quota.rate, limits.quota.units), (None, minute(60), minute(2_000_000)));
    assert_eq!((limits.quota.waiting, limits.wait), (100, Duration::from_secs(10)));
    let near = settings.providers["builtin"].limits.unwrap();
    assert_eq!((near.quota.running, near.quota.waiting, near.wait), (Some(2), 0, Duration::from_secs(1)));
    assert_eq!(settings.providers["lacks"].limits, None);
    let own = settings.deployments[&Deployment::parse("openai/m").unwrap()].limits.unwrap();
    assert_eq!(own.quota.running, Some(3));
}

#[test]
fn bedrock_is_in_a_region() {
    let text = "providers:
  bedrock: {region: eu-west-1, access_key_id: AKID, secret_access_key: canary, session_token: ''}
  keyed: {kind: bedrock, region: us-east-1, api_key: canary}
  private: {kind: bedrock, region: us-east-1, url: 'https://vpce-1.example.org', access_key_id: a, secret_access_key: b, session_token: c}
  elsewhere: {kind: bedrock, url: 'http://127.0.0.1:1/aws', api_key: x}
";
    let (settings, problems) = read_text(text);
    assert!(problems.is_empty(), "{problems:?}");
    let table = [
        ("bedrock", "bedrock-runtime.eu-west-1.amazonaws.com", "", Some(("eu-west-1", false)), false),
        ("keyed", "bedrock-runtime.us-east-1.amazonaws.com", "", None, true),
        ("private", "vpce-1.example.org", "", Some(("us-east-1", true)), false),
        ("elsewhere", "127.0.0.1", "/aws", None, true),
    ];
    for (name, host, path, signing, keyed) in table {
        let provider = &settings.providers[name];
        assert_eq!((provider.address.host.as_str(), provider.address.path.as_str()), (host, path), "{name}");
        let told = provider.signing.as_ref().map(|signing| (signing.region.as_str(), signing.session_token.is_some()));
        assert_eq!((told, provider.api_key.is_some()), (signing, keyed), "{name}");
        assert_eq!(provider.dialects, [Dialect::Bedrock], "{name}");
    }
    assert!(!format!("{settings:?}").contains("canary"));
    let other =
        Provider { signing: settings.providers["private"].signing.clone(), ..settings.providers["bedrock"].clone() };
    assert!(!other.is_as(&settings.providers["bedrock"]), "other credentials are another provider");
}
