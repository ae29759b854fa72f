//! Threads that wait for work that a processor is busy with.

use crate::{Error, Result};
use std::sync::mpsc::{self, Sender};

/// Some work and what it gives.
pub type Work<T> = Box<dyn FnOnce() -> T + Send>;

/// Threads that do parts of some work beside the thread that asks. They end when this is dropped.
pub struct Workers {
    /// One for each thread.
    threads: Vec<Sender<Work<()>>>,
}

impl Workers {
    /// Starts `count` threads that have `name` and a number. None is right too: all is then done by who asks.
    ///
    /// # Errors
    /// The operating system gives no more threads.
    pub fn new(name: &str, count: usize) -> Result<Self> {
        let mut threads = Vec::new();
        for number in 0..count {
            let (sender, receiver) = mpsc::channel::<Work<()>>();
            let work = move || receiver.into_iter().for_each(|work| work());
            std::thread::Builder::new()
                .name(format!("{name} {number}"))
                .spawn(work)
                .map_err(|error| Error::internal(format!("no thread could be started: {error}")))?;
            threads.push(sender);
        }
        Ok(Self { threads })
    }

    /// How many can work at once: the threads, and who asks.
    pub fn count(&self) -> usize {
        self.threads.len() + 1
    }

    /// Does all of `work`, some of it in this thread, and gives what came of each, in order. What a part holds is let go
    /// of before this returns.
    ///
    /// # Errors
    /// A part panicked, now or earlier, in another thread.
    pub fn run<T: Send + 'static>(&self, work: Vec<Work<T>>) -> Result<Vec<T>> {
        let mut results: Vec<Option<T>> = work.iter().map(|_| None).collect();
        let (sender, receiver) = mpsc::channel();
        let mut own = Vec::new();
        for (place, work) in work.into_iter().enumerate() {
            match self.threads.get(place % self.count()) {
                Some(thread) => {
                    let sender = sender.clone();
                    let part: Work<()> = Box::new(move || {
                        let result = work();
                        // Nobody waits only when the thread that asked panicked.
                        let _ = sender.send((place, result));
                    });
                    thread.send(part).map_err(|_| lost())?;
                }
                None => own.push((place, work)),
            }
        }
        drop(sender);
        for (place, result) in own.into_iter().map(|(place, work)| (place, work())).chain(receiver) {
            if let Some(slot) = results.get_mut(place) {
                *slot = Some(result);
            }
        }
        results.into_iter().map(|result| result.ok_or_else(lost)).collect()
    }
}

fn lost() -> Error {
    Error::internal("a worker thread panicked")
}

#[cfg(test)]
mod tests;
