use super::{Repository, Source, Wanted};
use identity::oauth::address::Address;
use std::path::PathBuf;

fn hub(name: &str, wanted: Wanted) -> Source {
    Source::Hub(Repository { name: name.to_owned() }, wanted)
}

#[test]
fn what_is_typed_has_one_meaning() {
    let path = |path: &str| Wanted::Path(path.to_owned());
    let cases = [
        ("a/b", hub("a/b", Wanted::Usual)),
        ("hf:a/b", hub("a/b", Wanted::Usual)),
        ("a/b:Q4_K_M", hub("a/b", Wanted::Quantization("Q4_K_M".to_owned()))),
        ("a/b:x/y.gguf", hub("a/b", path("x/y.gguf"))),
        ("hf:a/b/x/y z.gguf", hub("a/b", path("x/y z.gguf"))),
        ("./a/b", Source::File(PathBuf::from("./a/b"))),
        ("m.gguf", Source::File(PathBuf::from("m.gguf"))),
        ("https://x.com/m.gguf?a=b", Source::Address(Address::parse("https://x.com/m.gguf?a=b").unwrap())),
    ];
    for (typed, expected) in cases {
        assert_eq!(Source::parse(typed).unwrap(), expected, "{typed}");
    }
    for typed in [
        "",
        "a",
        "a/",
        "/",
        "a/b:",
        "a/b/../c.gguf",
        "a/b/c.bin",
        "../a/b:c?",
        ".a/b",
        "a b/c",
        "ftp://x/y",
        "a/b:../x.gguf",
    ] {
        let parsed = Source::parse(typed);
        assert!(matches!(parsed, Err(_) | Ok(Source::File(_))), "{typed}: {parsed:?}");
    }
}

#[test]
fn addresses_of_a_hub_stay_there() {
    let hub = Address::parse("https://mirror.example.com/hub/").unwrap();
    let repository = Repository { name: "a/b".to_owned() };
    assert_eq!(
        repository.file(&hub, "x/y z#?.gguf").unwrap().text(),
        "https://mirror.example.com/hub/a/b/resolve/main/x/y%20z%23%3F.gguf"
    );
    assert_eq!(
        repository.list(&hub).unwrap().text(),
        "https://mirror.example.com/hub/api/models/a/b/tree/main?recursive=true"
    );
}
