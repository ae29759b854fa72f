//! Looking at a run.

use crate::limits::PAGE;
use crate::look::Look;
use crate::runner::{Shared, unfit};
use base::Result;
use journal::{JournalError, Run, RunId};
use machine::State;

impl Shared {
    /// What `tell` makes of a run at one moment: as lists show it, and as its journal has it.
    pub(crate) async fn look<T>(&self, run: RunId, tell: impl FnOnce(&Run, &Look) -> T) -> Result<T> {
        let place = self.looks.place(run);
        let mut turn = place.lock().await;
        // What fails on the way is read again from the beginning.
        let before = turn.take();
        match self.newest(run, before).await {
            Ok((listed, mut look)) => {
                let told = tell(&listed, &look);
                let bytes = look.weigh();
                *turn = Some(look);
                self.looks.weigh(run, bytes);
                Ok(told)
            }
            Err(error) => {
                self.looks.forget(run);
                Err(error)
            }
        }
    }

    async fn newest(&self, run: RunId, before: Option<Look>) -> Result<(Run, Look)> {
        let listed = self.store.run(run).await?;
        let mut look = match before {
            Some(look) => look,
            None => Look::of(State::of(self.plans.of(&*self.store, listed.definition).await?, run)),
        };
        while look.last < listed.last {
            // What came meanwhile is of a later moment.
            let most = usize::try_from(listed.last - look.last).map_or(PAGE, |left| left.min(PAGE));
            let page = self.store.load(run, look.last + 1, most).await?;
            if page.is_empty() {
                let message = format!("the journal of run {run} has fewer entries than it should");
                return Err(JournalError::Unreadable(message).into());
            }
            for mut recorded in page {
                self.whole(&mut recorded.entry).await?;
                look.note(&recorded.entry).map_err(unfit)?;
            }
        }
        Ok((listed, look))
    }
}
