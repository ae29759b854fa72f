//! What a client gets, and does, until its answer is there.

use tools::Ask;

/// The next message of a pending answer.
#[derive(Debug)]
pub(crate) enum Next {
    /// A notification; the answer follows.
    Note(String),
    /// A request to the client, who answers in a message of its own. A request that cannot be delivered is refused with
    /// [`super::Pending::refuse`].
    Ask {
        /// The message.
        text: String,
        /// Names it for [`super::Pending::refuse`].
        key: u64,
    },
    /// What a modern client has to do before the call goes on: the answer says so.
    Input(Input),
    /// The answer.
    Last(String),
    /// The client does not want the answer any more.
    Cancelled,
}

/// What a modern client has to do before its call goes on.
#[derive(Debug)]
pub(crate) enum Input {
    /// Answer what a legacy upstream asks, while the call is kept.
    Asks(Vec<Ask>),
    /// What a modern upstream says in this result, raw JSON.
    Result(String),
    /// Visit addresses, and then send the call again.
    Addresses(Vec<Ask>),
}
