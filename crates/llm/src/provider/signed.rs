//! What models of others have signed, and those who are asked refuse: a conversation that began at another provider of the same
//! dialect, or with another account, must not end there. They are asked once more without it.

use super::way::Way;
use super::{Provider, Reply, headers};
use crate::failure::Failure;
use crate::request::Asked;
use conversation::signatures as signing;
use http::HeaderMap;
use inspection::dialect::Endpoint;
use signatures::Signatures;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is kept of one request: where signatures are, and whether it was sent.
#[derive(Clone, Copy)]
pub(crate) struct Keeping<'a> {
    pub(crate) signatures: &'a Arc<Signatures>,
    /// For whom they are kept.
    pub(crate) owner: &'a Arc<str>,
    /// Whether those who are asked take what is signed, as far as that is known.
    pub(crate) trusted: bool,
    /// Whether the model reasons, where somebody says so.
    pub(crate) thinks: Option<bool>,
    /// Is told that a provider may have read it, where somebody wants to know.
    pub(crate) sent: Option<&'a AtomicBool>,
}

impl Provider {
    /// Asks what was refused because of what is signed in it, without that.
    pub(super) async fn ask_unsigned(
        &self,
        refused: Failure,
        endpoint: Endpoint,
        way: &Way,
        (deployment, names): (&Arc<str>, (&str, &str)),
        request: (&Asked, &HeaderMap),
        keeping: Keeping<'_>,
    ) -> Result<Reply, Failure> {
        let (asked, given) = request;
        // What is translated may have been signed in the store.
        let signs = || asked.said().is_ok_and(|said| !signing::strip_all(&mut (*said).clone()).is_empty());
        if headers::is_strict(given) || (endpoint == asked.endpoint && !signs()) {
            return Err(refused);
        }
        let keeping = Keeping { trusted: false, ..keeping };
        match self.ask_at(endpoint, way, deployment, names, request, keeping).await {
            Err(second) if !second.asked => Err(refused),
            outcome => outcome,
        }
    }
}
