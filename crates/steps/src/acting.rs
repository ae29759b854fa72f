//! Who acts when a step of a run calls something.

use base::Result;
use base::ports::Principal;

/// Somebody, with all that they may.
#[derive(Clone)]
pub struct Acting {
    /// The views that they may use, the one of everything first.
    pub views: Vec<String>,
    /// Whether they may call whatever is there, also what no view shows.
    pub everything: bool,
    /// As the hub knows them: it has a number that no other client has.
    pub client: tools::Caller,
    /// As the gateway of models knows them.
    pub models: llm::Caller,
}

/// Knows who may what.
pub trait People: Send + Sync {
    /// What `principal` may at this moment.
    ///
    /// # Errors
    /// [`base::Code::KeyWrong`]: they may nothing any more.
    fn acting(&self, principal: &Principal) -> Result<Acting>;
}
