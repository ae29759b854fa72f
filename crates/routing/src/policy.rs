//! What the configuration says of a route: how its deployments are put in order, and which may answer at all.

use crate::capability::Capabilities;
use crate::names::name_in;

/// How the deployments of a route are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strategy {
    /// As they are written.
    #[default]
    Order,
    /// By chance, each as often as its weight says.
    Weight,
    /// The cheapest first, by what this request is expected to cost there.
    Cost,
    /// The better of two that chance names, by the time to their first token and what they have in hand.
    Latency,
    /// The one that has the least in hand for its weight first.
    LeastBusy,
    /// The one first that is worth the most, as far as that was learned ([`learning`](crate::learning)).
    Learned,
}

impl Strategy {
    /// The strategies, as they are written.
    pub const NAMES: [(&'static str, Strategy); 6] = [
        ("order", Strategy::Order),
        ("weight", Strategy::Weight),
        ("cost", Strategy::Cost),
        ("latency", Strategy::Latency),
        ("least-busy", Strategy::LeastBusy),
        ("learned", Strategy::Learned),
    ];

    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// Where the deployments of a route may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// Anywhere.
    #[default]
    Any,
    /// Anywhere, but those that work and are on one's own machines come first.
    PreferLocal,
    /// On one's own machines: what is asked never goes elsewhere.
    LocalOnly,
}

impl Place {
    /// The places, as they are written.
    pub const NAMES: [(&'static str, Place); 3] =
        [("any", Place::Any), ("prefer-local", Place::PreferLocal), ("local-only", Place::LocalOnly)];

    /// Its name, as it is written.
    pub fn name(self) -> &'static str {
        name_in(&Self::NAMES, self)
    }
}

/// What the configuration says of a route, beside its deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// How deployments are put in order.
    pub strategy: Strategy,
    /// What a deployment must be known to be capable of, whatever a request uses.
    pub need: Capabilities,
    /// Where deployments may be.
    pub place: Place,
    /// Whether a conversation stays where it is, so that the provider finds its beginning in the prompt cache.
    pub sticky: bool,
}
