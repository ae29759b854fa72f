//! The transports besides stdio and streamable HTTP: the HTTP transport of version 2024-11-05, WebSockets, Unix sockets.

mod attacks;
mod endpoints;
mod quarantine;
mod talk;
mod upstreams;

use libtest_mimic::Trial;

pub(crate) fn tests() -> Vec<Trial> {
    [upstreams::tests(), endpoints::tests(), attacks::tests(), quarantine::tests()].into_iter().flatten().collect()
}
