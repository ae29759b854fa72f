//! What a model reads of definitions and results: how many tokens they are, and how they are said in fewer.
//!
//! No I/O. Values stay raw JSON: what is shown of them is shown byte for byte. Nothing is lost here, for whoever shapes a
//! result keeps the whole of it where the client can read it. All that is remembered is what was counted, and what it was
//! counted with (`tokens`).

pub mod config;
pub mod definition;
pub mod path;
pub mod piece;
pub mod shape;
pub mod signature;
pub mod table;
pub mod tokens;
