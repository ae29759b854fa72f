//! The errors that an upstream gives to calls it cannot take.

use super::Upstream;
use base::{Code, Error, clock};
use std::time::Instant;

impl Upstream {
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
