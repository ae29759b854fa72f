//! Stub.
pub mod files;
/// Stub.
pub trait Builtin: Send + Sync {
    /// .
    fn describe(&self) -> serde_json::Value;
    /// .
    fn tools(&self) -> Vec<serde_json::Value>;
    /// .
    fn call(&self, tool: &str, arguments: &serde_json::Map<String, serde_json::Value>) -> base::Result<serde_json::Value>;
}
