use super::*;

fn thought(text: &str, signature: Option<&str>, encrypted: Option<&str>) -> Item {
    let of = |text: Option<&str>| text.map(str::to_owned);
    let (text, signature, encrypted) = (text.to_owned(), of(signature), of(encrypted));
    Item::Reasoning(Reasoning { text, signature, encrypted, ..Reasoning::default() })
}

#[test]
fn what_is_signed_does_not_pass_and_what_is_said_does() {
    let piece = |index, delta| Event::Delta { index, delta };
    let stream = [
        Event::ItemStart { index: 0, item: thought("", None, None) },
        piece(0, Delta::Reasoning("I should look.".to_owned())),
        piece(0, Delta::Signature("c2ln".to_owned())),
        Event::ItemEnd { index: 0 },
        Event::ItemStart { index: 1, item: thought("", None, Some("redacted")) },
        piece(1, Delta::Encrypted("more".to_owned())),
        Event::ItemEnd { index: 1 },
        Event::ItemStart { index: 2, item: thought("Seen", Some("c2ln"), Some("too")) },
        Event::ItemEnd { index: 2 },
        Event::End,
    ];
    let mut withheld = Withheld::default();
    let passed: Vec<Event> = stream.clone().into_iter().filter_map(|event| withheld.pass(event)).collect();
    let seen = Event::ItemStart { index: 2, item: thought("Seen", None, None) };
    let expected = [&stream[0], &stream[1], &stream[3], &seen, &stream[8], &stream[9]];
    assert_eq!(passed.iter().collect::<Vec<_>>(), expected);
    assert!(withheld.has_any());
}

#[test]
fn a_stream_in_which_nothing_is_signed_passes_as_it_is() {
    let stream = [Event::ItemStart { index: 0, item: thought("Hm", None, None) }, Event::ItemEnd { index: 0 }];
    let mut withheld = Withheld::default();
    let passed: Vec<Event> = stream.clone().into_iter().filter_map(|event| withheld.pass(event)).collect();
    assert_eq!(passed, stream);
    assert!(!withheld.has_any());
}
