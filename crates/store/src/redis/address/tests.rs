use super::*;

#[test]
fn addresses_are_read() {
    let cases = [
        ("redis://127.0.0.1:6380/3", "redis://127.0.0.1:6380/3", None, None),
        ("redis://cache", "redis://cache:6379/0", None, None),
        ("redis://[::1]:1/", "redis://[::1]:1/0", None, None),
        ("rediss://:s%40c%2Fret@cache/0", "rediss://cache:6379/0", None, Some("s@c/ret")),
        ("redis://tutti:a:b@cache", "redis://cache:6379/0", Some("tutti"), Some("a:b")),
        ("redis://:p@q@cache", "redis://cache:6379/0", None, Some("p@q")),
        ("unix:///run/redis.sock", "unix:///run/redis.sock", None, None),
    ];
    for (text, shown, user, password) in cases {
        let address = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(address.shown(), shown);
        assert_eq!(address.user.as_deref(), user, "{text}");
        assert_eq!(address.password.as_ref().map(|password| password.expose().as_str()), password, "{text}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    for text in [
        "",
        "127.0.0.1:6379",
        "http://cache",
        "redis://",
        "redis://cache:70000",
        "redis://cache/x",
        "redis://cache/0?protocol=3",
        "redis://secret@cache",
        "redis://:%zz@cache",
        "redis://:%+1@cache",
        "unix://relative",
    ] {
        let why = read(text).expect_err(text);
        assert!(!why.contains("secret"), "{text}: {why}");
    }
}
