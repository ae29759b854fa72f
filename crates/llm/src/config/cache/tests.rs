use super::*;
use base::Error;
use base::config::{Problems, yaml};

fn read_route(cache: &str) -> (Option<Cache>, Vec<Error>) {
    let (problems, document) = (Problems::new(), yaml("tutti.yaml", &format!("cache: {cache}")).unwrap());
    let mut section = Section::new(&problems, "tutti.yaml", "models.routes.r", &document.root).unwrap();
    let cache = read(&mut section);
    section.finish();
    (cache, problems.into_result().err().unwrap_or_default())
}

#[test]
fn little_need_be_said() {
    let (cache, problems) = read_route("{ exact: 1h }");
    assert!(problems.is_empty(), "{problems:?}");
    let plain = Cache { exact: Duration::from_secs(3600), any_temperature: false, shared: false, semantic: None };
    assert_eq!(cache, Some(plain.clone()));
    let usual = Semantic { error: Share(10_000), check: Share(50_000), shadow: false, entries: 1_000 };
    for text in ["0.01", "1%", "{}", "{ error: 1% }"] {
        let (cache, problems) = read_route(&format!("{{ exact: 1h, semantic: {text} }}"));
        assert!(problems.is_empty(), "{text}: {problems:?}");
        assert_eq!(cache, Some(Cache { semantic: Some(usual.clone()), ..plain.clone() }), "{text}");
    }
    let all = "{ exact: 30s, any_temperature: true, shared: true, semantic: { error: 5%, check: 0.1, shadow: true, entries: 20 } }";
    let semantic = Semantic { error: Share(50_000), check: Share(100_000), shadow: true, entries: 20 };
    let expected =
        Cache { exact: Duration::from_secs(30), any_temperature: true, shared: true, semantic: Some(semantic) };
    assert_eq!(read_route(all).0, Some(expected));
}

#[test]
fn faults_are_told() {
    let table = [
        ("{}", "does not say how long"),
        ("{ exact: 0s }", "out of range"),
        ("{ exact: 1h, share: true }", "has the key `share`"),
        ("{ exact: 1h, semantic: 50% }", "from 0.1% to 20%"),
        ("{ exact: 1h, semantic: 0 }", "from 0.1% to 20%"),
        ("{ exact: 1h, semantic: often }", "must be a share"),
        ("{ exact: 1h, semantic: { threshold: 0.8 } }", "has the key `threshold`"),
        ("{ exact: 1h, semantic: { entries: 0 } }", "out of range"),
    ];
    for (text, expected) in table {
        let (_, problems) = read_route(text);
        let told: Vec<_> = problems.iter().map(Error::message).collect();
        assert!(told.iter().any(|message| message.contains(expected)), "{text}: {told:?}");
    }
}
