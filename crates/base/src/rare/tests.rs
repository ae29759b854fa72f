use super::Rare;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::sync::oneshot;

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn it_is_polled_only_when_it_was_woken() {
    let (woken, polls) = (Arc::new(Woken::default()), Arc::new(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let context = Context::from_waker(&waker);
    let (sender, mut receiver) = oneshot::channel::<u8>();
    let counted = Arc::clone(&polls);
    let mut rare = Rare::new(poll_fn(move |context| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::pin::Pin::new(&mut receiver).poll(context)
    }));
    for _ in 0..3 {
        assert!(rare.poll(&context).is_pending());
    }
    assert_eq!((polls.load(Ordering::SeqCst), woken.0.load(Ordering::SeqCst)), (1, 0));
    sender.send(7).unwrap();
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    assert_eq!(rare.poll(&context), Poll::Ready(Ok(7)));
    assert!(rare.poll(&context).is_pending(), "it was ready once");
    assert_eq!(polls.load(Ordering::SeqCst), 2);
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let (first, second) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
    let (sender, receiver) = oneshot::channel::<u8>();
    let mut rare = Rare::new(receiver);
    for woken in [&first, &second] {
        let waker = Waker::from(Arc::clone(woken));
        assert!(rare.poll(&Context::from_waker(&waker)).is_pending());
    }
    drop(sender);
    assert_eq!((first.0.load(Ordering::SeqCst), second.0.load(Ordering::SeqCst)), (0, 1));
}
