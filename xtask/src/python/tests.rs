use super::translate;

#[test]
fn pips_settings_become_uvs() {
    let listed =
        ":env:.default-timeout='180'\nglobal.index-url='https://mirror.example/simple'\nglobal.cert='/etc/certs.crt'\n";
    let expected = [("UV_DEFAULT_INDEX", "https://mirror.example/simple"), ("SSL_CERT_FILE", "/etc/certs.crt")];
    let expected: Vec<_> = expected.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    assert_eq!(translate(listed), expected);
    assert!(translate("").is_empty());
}
