use super::{Duration, Events, mpsc};
use http_body_util::BodyExt as _;

async fn next(events: &mut Events) -> Option<String> {
    let frame = events.frame().await?.expect("nothing can go wrong");
    Some(String::from_utf8(frame.into_data().expect("data").to_vec()).expect("text"))
}

#[tokio::test]
async fn h14_a_quiet_stream_says_that_it_is_still_there() {
    let (sender, messages) = mpsc::channel(4);
    let mut events = Events::alive_every(Duration::from_millis(5), messages);
    for _ in 0..2 {
        let comment = next(&mut events).await.expect("it goes on");
        assert!(comment.starts_with(':') && comment.ends_with("\n\n"), "no event, but a comment: {comment:?}");
    }
    drop(sender);
    assert_eq!(next(&mut events).await, None);
}

#[tokio::test]
async fn h14_each_event_is_sent_as_it_comes() {
    let (sender, messages) = mpsc::channel(4);
    let mut events = Events::new(messages).beginning_with("event: first\n\n".to_owned());
    sender.send("{\"one\":1}".to_owned()).await.expect("there is room");
    sender.send("{\"two\":2}".to_owned()).await.expect("there is room");
    assert_eq!(next(&mut events).await.as_deref(), Some("event: first\n\n"));
    for text in ["{\"one\":1}", "{\"two\":2}"] {
        let frame = next(&mut events).await.expect("it goes on");
        assert!(frame.contains(text) && frame.ends_with("\n\n"), "one event is one frame: {frame:?}");
    }
}
