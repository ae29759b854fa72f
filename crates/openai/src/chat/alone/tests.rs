use super::*;
use conversation::item::{Media, Source};
use conversation::json::Number;
use conversation::request::{Role, Sampling, Turn};

#[test]
fn what_only_chats_know_is_asked_there() {
    let stops = Request { stop: vec!["END".to_owned()], ..Request::default() };
    let seed = Some(Number::from(1));
    let sampled = Request { sampling: Sampling { seed, ..Sampling::default() }, ..Request::default() };
    for request in [stops, sampled] {
        assert!(is_better(&request, "gpt-4.1") && is_better(&request, "my-deployment"));
        assert!(!is_better(&request, "gpt-5.6-terra"), "a model that reasons refuses them there too");
    }
    assert!(!is_better(&Request::default(), "gpt-4.1"));
    assert!(is_better(&Request::default(), "gpt-4o-search-preview"));
}

#[test]
fn sound_is_heard_in_chats() {
    let media = Media {
        kind: MediaKind::Audio,
        source: Source::Base64("UklGRg==".to_owned()),
        media_type: Some("audio/wav".to_owned()),
        name: None,
        extra: conversation::Extra::default(),
    };
    let turns = vec![Turn::new(Role::User, vec![Item::Media(media)])];
    assert!(is_better(&Request { turns, ..Request::default() }, "gpt-5.6"));
}
