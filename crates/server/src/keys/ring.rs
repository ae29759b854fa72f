//! The keys that are good at this moment.

use super::{Keys, Visitor};
use base::secret::Digest;
use std::sync::Arc;

/// The keys that are good at this moment, and who comes with which.
pub(crate) struct Ring {
    known: Vec<Arc<Visitor>>,
    /// Who comes without a key, where none is wanted.
    nobody: Option<Arc<Visitor>>,
}

impl Ring {
    /// The ring of `keys`.
    pub(crate) fn of(keys: &Keys) -> Self {
        let operator = keys.operator.iter().map(|key| Visitor::local(Some(key)));
        let known = operator.chain(keys.clients.iter().map(Visitor::of)).map(Arc::new).collect();
        let nobody = keys.is_empty().then(|| Arc::new(Visitor::local(None)));
        Self { known, nobody }
    }

    /// Who comes in without a key; nobody where one is wanted.
    pub(crate) fn nobody(&self) -> Option<&Arc<Visitor>> {
        self.nobody.as_ref()
    }

    /// Whose key has the digest `shown`. It is held against all of them, so that the time does not tell which one it was like.
    pub(crate) fn find(&self, shown: &Digest) -> Option<&Arc<Visitor>> {
        let mut found = None;
        for visitor in &self.known {
            if visitor.digest.is_some_and(|own| own.is(shown)) {
                found = Some(visitor);
            }
        }
        found
    }

    /// Who has the key of this name.
    pub(crate) fn named(&self, principal: &str) -> Option<Arc<Visitor>> {
        self.everybody().find(|visitor| &*visitor.principal == principal).map(Arc::clone)
    }

    /// Everybody who may come in, with how many requests came from each so far.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&Arc<str>, u64)> {
        self.everybody().map(|visitor| (&visitor.principal, visitor.count()))
    }

    fn everybody(&self) -> impl Iterator<Item = &Arc<Visitor>> {
        self.known.iter().chain(&self.nobody)
    }

    /// This ring in the place of `before`: whoever may come in as before stays who it was.
    pub(crate) fn after(mut self, before: &Self) -> Self {
        for visitor in self.known.iter_mut().chain(&mut self.nobody) {
            if let Some(same) = before.everybody().find(|other| visitor.is_as(other)) {
                *visitor = Arc::clone(same);
            } else if let Some(earlier) = before.everybody().find(|other| other.principal == visitor.principal)
                && let Some(visitor) = Arc::get_mut(visitor)
            {
                visitor.requests = Arc::clone(&earlier.requests);
            }
        }
        self
    }

    /// Ends what was begun by those of `before` who may not come in any more as they did; gives the principals that are
    /// gone altogether.
    pub(crate) fn revoke(&self, before: &Self) -> Vec<Arc<str>> {
        let gone: Vec<_> =
            before.everybody().filter(|old| !self.everybody().any(|new| Arc::ptr_eq(old, new))).collect();
        gone.iter().for_each(|old| old.revoked.cancel());
        let stays = |principal: &Arc<str>| self.everybody().any(|new| new.principal == *principal);
        gone.into_iter().map(|old| Arc::clone(&old.principal)).filter(|principal| !stays(principal)).collect()
    }
}
