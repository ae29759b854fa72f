//! Stub.
use std::path::PathBuf;
/// .
pub struct Options { /// .
 pub root: PathBuf, /// .
 pub write: bool }
/// .
pub struct Files;
impl Files { /// .
 pub fn open(_: Options) -> base::Result<Files> { Ok(Files) } }
impl super::Builtin for Files {
    fn describe(&self) -> serde_json::Value { serde_json::Value::Null }
    fn tools(&self) -> Vec<serde_json::Value> { vec![] }
    fn call(&self, _: &str, _: &serde_json::Map<String, serde_json::Value>) -> base::Result<serde_json::Value> { Ok(serde_json::Value::Null) }
}
