//! Configuration files that people keep: those of MCP clients, read and written into, and `tutti.yaml`, changed without
//! touching the rest of it.

pub mod connect;
pub mod export;
pub mod import;
