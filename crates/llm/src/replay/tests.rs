use super::*;
use std::sync::atomic::AtomicUsize;

/// A source that says what the test hands it, when the test does.
#[derive(Default)]
struct Script {
    pieces: VecDeque<Option<&'static [u8]>>,
    waker: Option<Waker>,
    dropped: bool,
}

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Script>>);

impl Told {
    fn say(&self, piece: Option<&'static str>) {
        let mut script = self.0.lock().unwrap();
        script.pieces.push_back(piece.map(str::as_bytes));
        let waker = script.waker.take();
        drop(script);
        waker.into_iter().for_each(Waker::wake);
    }
}

struct Scripted(Told);

impl Source for Scripted {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut script = self.0.0.lock().unwrap();
        match script.pieces.pop_front() {
            Some(piece) => Poll::Ready(piece.map(Bytes::from_static)),
            None => {
                script.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    fn is_whole(&self) -> bool {
        true
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().dropped = true;
    }
}

/// A client, which is called when there is more.
struct Client {
    replay: Replay,
    calls: Arc<Calls>,
}

#[derive(Default)]
struct Calls(AtomicUsize);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Client {
    fn of(recording: &Arc<Recording>) -> Option<Self> {
        recording.join().map(|replay| Self { replay, calls: Arc::default() })
    }

    /// What it gets now: `None` at the end, nothing where it must wait.
    fn poll(&mut self) -> Poll<Option<String>> {
        let waker = Waker::from(Arc::clone(&self.calls));
        let got = self.replay.poll_next(&mut Context::from_waker(&waker));
        got.map(|piece| piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap()))
    }

    fn calls(&self) -> usize {
        self.calls.0.swap(0, Ordering::SeqCst)
    }
}

type Ended = Arc<Mutex<Option<Option<Bytes>>>>;

fn record(largest: usize, room: &Arc<Room>) -> (Told, Arc<Recording>, Ended) {
    let (told, ended) = (Told::default(), Ended::default());
    let tell = Arc::clone(&ended);
    let done = move |all| {
        assert!(tell.lock().unwrap().replace(all).is_none(), "it is told once");
    };
    let source = Box::new(Scripted(told.clone()));
    let recording = Recording::new(source, Dialect::OpenAiChat, largest, Arc::clone(room), Box::new(done));
    (told, recording, ended)
}

fn ready(text: &str) -> Poll<Option<String>> {
    Poll::Ready(Some(text.to_owned()))
}

#[test]
fn all_readers_get_all_as_it_comes() {
    let room = Room::new(1 << 20);
    let (told, recording, ended) = record(1000, &room);
    let mut one = Client::of(&recording).unwrap();
    assert_eq!(one.poll(), Poll::Pending);
    told.say(Some("a"));
    assert_eq!(one.calls(), 1);
    assert_eq!(one.poll(), ready("a"));
    assert_eq!(one.poll(), Poll::Pending);
    let mut two = Client::of(&recording).unwrap();
    assert_eq!((two.poll(), two.poll()), (ready("a"), Poll::Pending));
    told.say(Some("b"));
    assert_eq!((one.calls(), two.calls()), (1, 1), "both are called");
    assert_eq!(two.poll(), ready("b"));
    assert_eq!(one.poll(), ready("b"));
    told.say(Some("c"));
    told.say(None);
    assert_eq!((one.poll(), one.poll()), (ready("c"), Poll::Ready(None)));
    assert_eq!(ended.lock().unwrap().clone(), Some(Some(Bytes::from_static(b"abc"))));
    assert_eq!((two.poll(), two.poll()), (ready("c"), Poll::Ready(None)));
    let mut late = Client::of(&recording).unwrap();
    assert_eq!((late.poll(), late.poll()), (ready("abc"), Poll::Ready(None)), "what is there comes at once");
    drop((one, two, late, recording));
    assert_eq!(room.used.load(Ordering::SeqCst), 0);
}

#[test]
fn who_waits_is_called_also_when_another_one_has_read() {
    let (told, recording, _) = record(1000, &Room::new(1000));
    let (mut one, mut two) = (Client::of(&recording).unwrap(), Client::of(&recording).unwrap());
    assert_eq!((one.poll(), two.poll()), (Poll::Pending, Poll::Pending));
    // The source has more, and calls nobody: another one reads by chance.
    told.0.lock().unwrap().pieces.push_back(Some(b"a"));
    assert_eq!(two.poll(), ready("a"));
    assert_eq!((one.calls(), two.calls()), (1, 0));
    assert_eq!(one.poll(), ready("a"));
}

#[test]
fn whoever_leaves_the_others_read_on() {
    let (told, recording, ended) = record(1000, &Room::new(1000));
    let (mut one, mut two) = (Client::of(&recording).unwrap(), Client::of(&recording).unwrap());
    assert_eq!((two.poll(), one.poll()), (Poll::Pending, Poll::Pending));
    drop(one);
    told.say(Some("a"));
    assert_eq!(two.calls(), 1);
    assert_eq!(two.poll(), ready("a"));
    told.say(None);
    assert_eq!(two.poll(), Poll::Ready(None));
    assert!(ended.lock().unwrap().clone().unwrap().is_some());
}

#[test]
fn with_the_last_reader_the_answer_ends() {
    let (told, recording, ended) = record(1000, &Room::new(1000));
    let mut one = Client::of(&recording).unwrap();
    told.say(Some("a"));
    assert_eq!(one.poll(), ready("a"));
    drop(recording);
    assert!(!told.0.lock().unwrap().dropped);
    drop(one);
    assert!(told.0.lock().unwrap().dropped);
    assert_eq!(ended.lock().unwrap().clone(), Some(None));
}

#[test]
fn what_is_too_large_goes_on_and_is_not_kept() {
    let big: &'static str = Box::leak("x".repeat(BEHIND / 2 + 1).into_boxed_str());
    for (largest, room) in [(3, usize::MAX), (usize::MAX, 3)] {
        let room = Room::new(room);
        let (told, recording, ended) = record(largest, &room);
        let (mut fast, mut slow) = (Client::of(&recording).unwrap(), Client::of(&recording).unwrap());
        told.say(Some("abc"));
        told.say(Some("d"));
        assert_eq!((fast.poll(), fast.poll()), (ready("abc"), ready("d")));
        assert!(Client::of(&recording).is_none(), "its beginning is not kept any more");
        assert_eq!(slow.poll(), ready("abcd"));
        assert_eq!(room.used.load(Ordering::SeqCst), 0);
        for _ in 0..3 {
            told.say(Some(big));
            assert_eq!(fast.poll(), ready(big));
        }
        told.say(None);
        assert_eq!(fast.poll(), Poll::Ready(None));
        let Poll::Ready(Some(error)) = slow.poll() else { panic!("it is told that it was too slow") };
        assert!(error.contains("so slowly") && error.starts_with("data: "), "{error}");
        assert_eq!(slow.poll(), Poll::Ready(None));
        assert_eq!(ended.lock().unwrap().clone(), Some(None));
        drop((fast, slow, recording));
        assert_eq!(room.used.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn an_end_for_one_is_no_end_for_others() {
    let (told, recording, _) = record(1000, &Room::new(1000));
    let (mut one, mut two) = (Client::of(&recording).unwrap(), Client::of(&recording).unwrap());
    told.say(Some("a"));
    assert_eq!(one.poll(), ready("a"));
    one.replay.break_off(&Error::new(Code::KeyWrong, "taken back", "use another"));
    let Poll::Ready(Some(error)) = one.poll() else { panic!("it is told") };
    assert!(error.contains("taken back"), "{error}");
    assert_eq!(one.poll(), Poll::Ready(None));
    told.say(Some("b"));
    assert_eq!((two.poll(), two.poll()), (ready("a"), ready("b")));
    told.say(None);
    assert_eq!(two.poll(), Poll::Ready(None));
    two.replay.break_off(&Error::new(Code::KeyWrong, "taken back", "use another"));
    assert_eq!(two.poll(), Poll::Ready(None), "what is over is over");
}

#[test]
fn a_source_that_calls_while_it_is_asked_is_no_knot() {
    struct Eager(u8);
    impl Source for Eager {
        fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
            self.0 += 1;
            context.waker().wake_by_ref();
            if self.0 == 1 { Poll::Pending } else { Poll::Ready(None) }
        }

        fn is_whole(&self) -> bool {
            false
        }
    }
    let done = |all: Option<Bytes>| assert_eq!(all, None, "it did not end well");
    let recording = Recording::new(Box::new(Eager(0)), Dialect::Ollama, 10, Room::new(10), Box::new(done));
    let mut one = Client::of(&recording).unwrap();
    assert_eq!(one.poll(), Poll::Pending);
    assert_eq!(one.calls(), 1);
    assert_eq!(one.poll(), Poll::Ready(None));
}
