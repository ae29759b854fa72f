use super::is_secret_name;

#[test]
fn names_tell_secrets() {
    for name in
        ["GITHUB_TOKEN", "X-API-Key", "apikey", "--api-key", "DB_PASSWORD", "Authorization", "GH_PAT", "SECRET_1"]
    {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "MAX_TOKENS",
        "TOKENIZERS_PARALLELISM",
        "KEYCLOAK_REALM",
        "KEY_FILE",
        "bearer_token_env_var",
        "PATH",
        "PATTERN",
        "LANG",
        "",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}
