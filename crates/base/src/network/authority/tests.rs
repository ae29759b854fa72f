use super::host_and_port;

#[test]
fn hosts_and_ports_are_taken_apart() {
    for (text, expected) in [
        ("a.example", Some(("a.example", None))),
        ("A:80", Some(("A", Some(80)))),
        ("[::1]", Some(("::1", None))),
        ("[::1]:4747", Some(("::1", Some(4747)))),
        ("127.0.0.1:0", Some(("127.0.0.1", Some(0)))),
        ("", None),
        (":80", None),
        ("a:", None),
        ("a:99999", None),
        ("a:+80", None),
        ("a:b:80", None),
        ("::1", None),
        ("user@a", None),
    ] {
        assert_eq!(host_and_port(text), expected, "{text}");
    }
}

/// The fuzzer found that brackets in the middle were taken, and a part of them made the host.
#[test]
fn brackets_stand_around_an_address_of_version_6_alone() {
    for text in ["a[1]", "[1]", "[a]", "[::1]x", "[::1]x:80", "[[::1]]", "a]", "[::1", "[127.0.0.1]", "[fe80::1%eth0]"]
    {
        assert_eq!(host_and_port(text), None, "{text}");
    }
}
