//! `WWW-Authenticate`, and scopes: what was written is read as it was.

use super::input;
use identity::oauth::{challenge, scope};

pub(crate) fn feed(data: &[u8]) {
    let Some([one, other, third]) = input::texts(data) else { return };
    let headers = [one, other, third].map(str::to_owned);
    if let Some(bearer) = challenge::bearer(&headers) {
        assert!(headers.iter().any(|header| header.to_ascii_lowercase().contains("bearer")));
        for scope in bearer.scope.as_deref().map(scope::split).unwrap_or_default() {
            assert!(!scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic()), "scope {scope:?}");
        }
    }
    let split = scope::split(one);
    assert_eq!(scope::split(&split.join(" ")), split, "scopes");
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let header = format!("Basic realm={}, Bearer error={}, scope={}", quoted(other), quoted(one), quoted(third));
    if header.len() > 16 << 10 {
        return;
    }
    let Some(bearer) = challenge::bearer(&[header]) else { panic!("the challenge is not found") };
    assert_eq!((bearer.error.as_deref(), bearer.scope.as_deref()), (Some(one), Some(third)), "what was written");
}
