//! Calls that break the rules.

use super::{Call, Outcome, file_appears};
use crate::upstream::desk::lock;
use crate::upstream::outlet::Outlet;
use crate::upstream::server::Refusal;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// What no message looks like, one line each.
pub(crate) const GARBAGE: [&[u8]; 10] = [
    b"this is not JSON",
    b"\xff\xfe\xfd \x00\x01",
    b"{\"jsonrpc\": \"2.0\", \"id\": 1, \"resu",
    b"[]",
    b"42",
    b"null",
    b"\"text\"",
    b"{}",
    b"{\"jsonrpc\": \"2.0\"}",
    b"{\"jsonrpc\": \"2.0\", \"method\": 7}",
];

impl Call {
    /// Ends the process. The answer, if one is wanted, is written before.
    pub(super) async fn exit(&self) -> Outcome {
        let code = self.count("code", 0) as i32;
        if self.flag("answer") {
            self.reply(Ok(json!({"content": [{"type": "text", "text": "leaving"}]})));
            // Standard output has it already; a stream is given the time to send it.
            if !matches!(self.link.outlet, Outlet::Stdout) {
                let _ = tokio::time::timeout(Duration::from_millis(500), self.link.outlet.gone()).await;
            }
        }
        crate::upstream::say(&format!("{} leaves with code {code}", self.server.options.name));
        std::process::exit(code)
    }

    pub(super) fn garbage(&self) -> Outcome {
        for line in GARBAGE {
            self.link.outlet.send_raw(line.to_vec());
        }
        self.said("after the garbage")
    }

    pub(super) fn huge(&self) -> Outcome {
        let length = self.count("megabytes", 1) as usize * 1_000_000;
        let result = json!({"content": [{"type": "text", "text": "@"}]});
        let message = self.server.complete(self.era, &self.id, result).to_string();
        let (head, tail) = message.split_once('@').expect("the text stands in the message");
        self.link.outlet.send_raw([head, &"x".repeat(length), tail].concat().into_bytes());
        None
    }

    /// The result goes out as it was sent, without anything that the era would demand.
    pub(super) fn wanted(&self) -> Outcome {
        let result = &self.params["arguments"]["result"];
        self.link.outlet.send(&json!({"jsonrpc": "2.0", "id": self.id, "result": result}));
        None
    }

    pub(super) fn wrong_id(&self) -> Outcome {
        let result = json!({"content": [{"type": "text", "text": "for nobody"}]});
        for id in [json!("nobody asked"), json!(987_654_321), json!(null), json!(-1), json!(1.5)] {
            let answer = self.server.complete(self.era, &id, result.clone());
            self.link.outlet.send(&answer);
        }
        None
    }

    /// The error comes also after the call was cancelled. Then it is that call's, whatever else is under way.
    pub(super) async fn nameless_error(&self) -> Outcome {
        let (outlet, file) = (self.link.outlet.clone(), PathBuf::from(self.text("file")));
        tokio::spawn(async move {
            file_appears(&file).await;
            outlet.send(&Refusal::new(-32700, "I could not read that").answer(&Value::Null));
            std::fs::write(file.with_extension("sent"), "").expect("the file can be written");
        });
        std::future::pending().await
    }

    pub(super) fn twice(&self) -> Outcome {
        for text in ["first", "second"] {
            self.reply(Ok(json!({"content": [{"type": "text", "text": text}]})));
        }
        None
    }

    pub(super) fn forget(&self) -> Outcome {
        for session in lock(&self.server.sessions).drain(..) {
            self.server.desk.forget(&session.name);
        }
        self.said("forgotten")
    }
}
