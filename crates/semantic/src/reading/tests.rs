use super::*;

fn exact(text: &str) -> Vec<String> {
    let terms = Reading::of(text).unwrap().terms;
    terms.into_iter().filter_map(|term| if let Term::Exact(word) = term { Some(word) } else { None }).collect()
}

#[test]
fn values_are_read_whatever_their_notation() {
    for (text, expected) in [
        ("convert 12,500 and 1.5 and 007", vec!["12500", "1.5", "007"]),
        ("the twenty best of the 22nd", vec!["20", "o22"]),
        ("read /etc/hosts and src/lib.rs", vec!["/etc/hosts", "src/lib.rs"]),
        ("pod-7f9c in shop-a1, call getUserById", vec!["pod-7f9c", "shop-a1", "getUserById"]),
        ("mail me@example.com about #1234", vec!["me@example.com", "1234"]),
        ("run it with --no-cache", vec!["--no-cache"]),
        ("on Monday in March", vec!["mo", "3"]),
        ("we may march", vec![]),
    ] {
        assert_eq!(exact(text), expected, "{text}");
    }
}

#[test]
fn a_language_is_known_by_its_small_words() {
    for (text, english) in [
        ("what is the price of gold", true),
        ("gold price", false),
        ("quel est le prix de l'or", false),
        ("wie hoch ist der Preis", false),
        ("the price of a room in köln", true),
    ] {
        assert_eq!(Reading::of(text).unwrap().english, english, "{text}");
    }
}
