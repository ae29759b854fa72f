//! The answer to one request, with what came before it on its stream.

use serde_json::Value;

#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The answer as text: what came over the wire, byte for byte.
    pub(crate) raw: String,
    pub(crate) message: Value,
    /// Notifications and requests that came on the same stream before the answer.
    pub(crate) before: Vec<Value>,
}

impl Reply {
    /// The result; an error ends the test.
    #[track_caller]
    pub(crate) fn result(&self) -> &Value {
        match self.message.get("result") {
            Some(result) => result,
            None => panic!("expected a result, got status {}: {}", self.status, self.raw),
        }
    }

    /// The text of the first piece of content.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        let Some(text) = self.result()["content"][0]["text"].as_str() else {
            panic!("expected content with text, got: {}", self.raw)
        };
        text
    }

    /// The structured content of a tool's result.
    #[track_caller]
    pub(crate) fn structured(&self) -> &Value {
        &self.result()["structuredContent"]
    }

    /// The error; a result ends the test.
    #[track_caller]
    pub(crate) fn error(&self) -> &Value {
        match self.message.get("error") {
            Some(error) => error,
            None => panic!("expected an error, got status {}: {:.500}", self.status, self.raw),
        }
    }

    /// The stable code of the error, or nothing when the answer is a result or an error without one.
    pub(crate) fn code(&self) -> Option<&str> {
        self.message["error"]["data"]["code"].as_str()
    }

    /// Checks that this is the error `code`: with a JSON-RPC code and text, and with a hint what to do next.
    #[track_caller]
    pub(crate) fn assert_code(&self, codes: &[&str]) -> &Value {
        let error = self.error();
        let code = self.code().unwrap_or_default();
        assert!(codes.contains(&code), "expected one of {codes:?} in error.data.code, got: {:.2000}", self.raw);
        assert!(error["code"].is_i64(), "error.code is a number: {:.2000}", self.raw);
        let said = |text: &Value| text.as_str().is_some_and(|text| !text.is_empty());
        assert!(said(&error["message"]), "error.message says what happened: {:.2000}", self.raw);
        assert!(said(&error["data"]["next"]), "error.data.next says what to do: {:.2000}", self.raw);
        error
    }

    /// As [`Reply::assert_code`], for an error that is about an upstream.
    #[track_caller]
    pub(crate) fn assert_fault(&self, codes: &[&str], upstream: &str) -> &Value {
        let error = self.assert_code(codes);
        assert_eq!(error["data"]["upstream"], upstream, "error.data.upstream names the upstream: {:.2000}", self.raw);
        error
    }

    /// Notifications of this method that came before the answer.
    pub(crate) fn notifications(&self, method: &str) -> Vec<&Value> {
        self.before.iter().filter(|message| message["method"] == method).collect()
    }
}
