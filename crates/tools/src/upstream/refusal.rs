//! The errors that an upstream gives to calls it cannot take.

use super::Upstream;
use crate::catalogue::Kind;
use crate::pins::Mode;
use base::{Code, Error, Result, clock};
use std::time::Instant;

impl Upstream {
    /// Whether a request may go there: refused is one for what waits for an approval, by the upstream's own name for it, and
    /// every one where all wants an approval and nothing has it. To be asked once there is a connection, for only then it is
    /// known what there is.
    pub(crate) fn admits(&self, what: Option<(Kind, &str)>) -> Result<()> {
        let catalogue = self.catalogue.load();
        if let Some(waits) = what.and_then(|(kind, name)| catalogue.waits(kind).get(name)) {
            return Err(waits.to_error(&self.settings.name));
        }
        match self.settings.pins {
            Mode::Approve if !self.is_known() => Err(self.unread()),
            Mode::Approve if catalogue.unapproved => Err(self.unapproved()),
            _ => Ok(()),
        }
    }

    /// The error of a request for what cannot be compared with what is pinned, as the lists were never read.
    pub(crate) fn unread(&self) -> Error {
        let (name, mode) = (&self.settings.name, self.settings.pins.word());
        let message = format!(
            "what `{name}` has could not be read, so that nothing of it can be compared with what was approved (`pins: {mode}`)"
        );
        let next = format!("see why its lists fail: `tutti server list` and `tutti server logs {name}`");
        Error::new(Code::ToolQuarantined, message, next).of_upstream(name)
    }

    fn unapproved(&self) -> Error {
        let name = &self.settings.name;
        let message = format!("nothing of `{name}` is approved yet, and its entry wants that before its first use");
        let next = format!("see what it offers and approve it: `tutti server approve {name}`");
        Error::new(Code::ToolQuarantined, message, next).of_upstream(name)
    }

    pub(super) fn last_error(&self) -> Error {
        let error = self.status.borrow().error.clone();
        error.unwrap_or_else(|| Error::internal("an upstream was refused without a reason"))
    }

    pub(super) fn backing_off(&self, until: Instant, failures: u32) -> Error {
        let name = &self.settings.name;
        let last = self.last_error();
        let wait = until.saturating_duration_since(clock::now()).as_secs() + 1;
        let message =
            format!("`{name}` failed {} times and is not tried again for {wait} s: {}", failures, last.message());
        let next = format!("{}; `tutti server restart {name}` tries at once", last.next());
        let error = Error::new(Code::UpstreamBackingOff, message, next).of_upstream(name);
        let error = error.with_retry_after(until.saturating_duration_since(clock::now()));
        match last.detail() {
            Some(detail) => error.with_detail(detail),
            None => error,
        }
    }

    pub(super) fn disabled(&self) -> Error {
        let name = &self.settings.name;
        let next = format!("remove `enabled: false` from `{name}` in the configuration");
        Error::new(Code::UpstreamDisabled, format!("`{name}` is switched off"), next).of_upstream(name)
    }

    pub(super) fn removed(&self) -> Error {
        let name = &self.settings.name;
        let message = format!("`{name}` was removed or changed in the configuration");
        Error::new(Code::UpstreamDisabled, message, "ask for the list again").of_upstream(name)
    }

    pub(super) fn busy(&self) -> Error {
        self.guard.turned_away();
        let name = &self.settings.name;
        let limit = self.settings.limits.calls;
        let message = format!("`{name}` has {limit} calls in flight, as many as it may");
        let next = format!("try again when one has ended, or raise `limits: {{ calls: {} }}` of `{name}`", limit * 2);
        Error::new(Code::UpstreamBusy, message, next).of_upstream(name)
    }
}
