use super::*;

fn of(name: &str) -> Model<'_> {
    Model::of(name).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn names_of_others_say_nothing() {
    for name in ["gpt-oss-120b", "o5", "olmo-2", "qwen3", "claude-opus-4-7", "gpt", "gpt-j", "openai", "", "my-gpt-5"] {
        assert_eq!(Model::of(name), None, "{name}");
    }
}

#[test]
fn who_reasons_is_known_by_name() {
    for name in
        ["gpt-5", "gpt-5-2025-08-07", "gpt-5.1-codex-max", "openai/gpt-5.6-terra", "gpt-6-astra", "o1", "o3-mini"]
    {
        assert!(of(name).reasons(), "{name}");
    }
    for name in ["gpt-4.1", "gpt-4o-mini", "gpt-3.5-turbo", "chatgpt-4o-latest", "gpt-5-chat-latest", "gpt-5.2-chat"] {
        assert!(!of(name).reasons(), "{name}");
    }
    assert!(!of("ft:gpt-4.1-mini:acme::x").reasons());
    assert!(of("codex-mini-latest").reasons());
}

#[test]
fn breakpoints_are_taken_from_5_6_on() {
    for name in ["gpt-5.6", "gpt-5.6-terra", "openai/gpt-5.10", "gpt-6-astra", "ft:gpt-5.6:acme::x"] {
        assert!(of(name).takes_breakpoints(), "{name}");
    }
    for name in ["gpt-5", "gpt-5.5-2026-01-01", "gpt-4.6", "o3", "codex-mini-latest", "gpt-5.6-chat-latest"] {
        assert!(!of(name).takes_breakpoints(), "{name}");
    }
}

#[test]
fn each_word_becomes_one_that_the_model_takes() {
    let table = [
        ("gpt-5", "none", Some("minimal")),
        ("gpt-5", "xhigh", Some("high")),
        ("gpt-5-pro", "none", Some("high")),
        ("gpt-5-codex", "none", Some("low")),
        ("o3", "minimal", Some("low")),
        ("o3", "max", Some("high")),
        ("gpt-5.1", "none", Some("none")),
        ("gpt-5.1", "minimal", Some("low")),
        ("gpt-5.1-codex", "none", Some("low")),
        ("gpt-5.1-codex-max", "max", Some("xhigh")),
        ("gpt-5.2-pro", "low", Some("medium")),
        ("gpt-5.5", "max", Some("xhigh")),
        ("gpt-5.6-sol", "max", Some("max")),
        ("gpt-6-astra", "minimal", Some("low")),
        ("gpt-5.6", "immense", Some("immense")),
        ("gpt-4.1", "low", None),
        ("gpt-4.1", "immense", None),
        ("gpt-5-chat-latest", "none", None),
    ];
    for (name, word, taken) in table {
        assert_eq!(of(name).effort(word), taken, "{name} {word}");
    }
}

#[test]
fn those_that_reason_take_no_sampling() {
    let table = [
        ("gpt-4.1", None, true),
        ("gpt-5-chat-latest", None, true),
        ("gpt-5", None, false),
        ("gpt-5", Some("none"), false),
        ("o3", None, false),
        ("gpt-5.2", None, true),
        ("gpt-5.2", Some("low"), false),
        ("gpt-5.6-terra", None, false),
        ("gpt-5.6-terra", Some("none"), true),
        ("gpt-5.2-codex", None, false),
    ];
    for (name, effort, takes) in table {
        assert_eq!(of(name).takes_sampling(effort), takes, "{name} {effort:?}");
    }
    assert!(of("gpt-4o").takes_stop() && of("gpt-5.5").takes_stop() && of("gpt-6-astra").takes_stop());
    assert!(!of("gpt-5").takes_stop() && !of("gpt-5.4").takes_stop() && !of("o4-mini").takes_stop());
}

#[test]
fn those_that_hear_or_search_are_asked_in_chats() {
    for name in ["gpt-audio", "gpt-4o-audio-preview", "gpt-4o-mini-search-preview", "gpt-5-search-api"] {
        assert!(only_chats(name), "{name}");
    }
    assert!(!only_chats("gpt-4o") && !only_chats("o3-deep-research"));
}
