//! OAuth 2.1 as a client, as MCP wants it: what is decided, without I/O, and the guarded way to the network ([`web`]).

pub mod address;
pub mod assertion;
pub mod callback;
pub mod challenge;
pub mod client;
pub mod form;
pub mod metadata;
pub mod pkce;
pub mod registration;
pub mod scope;
pub mod token;
pub mod web;
pub mod well_known;
