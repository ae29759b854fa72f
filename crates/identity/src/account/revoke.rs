//! Having tokens ended by the server that gave them (RFC 7009).

use super::Inner;
use super::record::Record;
use crate::oauth::address::Address;
use crate::oauth::assertion::Key;
use crate::oauth::form;
use crate::oauth::web::Post;
use base::{Result, Secret, clock};
use std::time::Duration;

/// How long it may take. Somebody waits for the end of a logout, and the tokens are gone here already.
const PATIENCE: Duration = Duration::from_secs(10);

impl Inner {
    /// Has the tokens of `record` ended; whether all of them were, and nothing where there are none or the server takes no
    /// such requests.
    pub(super) async fn revoke(&self, record: &Record) -> Option<bool> {
        let endpoint = Address::parse(record.revocation_endpoint.as_ref()?).ok()?;
        // The one for renewal first: with it most servers end the other too.
        let tokens = [("refresh_token", &record.refresh), ("access_token", &record.access)];
        let tokens: Vec<_> = tokens.into_iter().filter_map(|(kind, token)| Some((kind, token.as_ref()?))).collect();
        if tokens.is_empty() {
            return None;
        }
        let all = async {
            let mut ended = true;
            for (kind, token) in tokens {
                ended &= match self.revoke_one(record, &endpoint, kind, token).await {
                    Ok(status) if (200..300).contains(&status) => true,
                    Ok(status) => {
                        tracing::warn!(upstream = self.name, kind, status, "a token was not ended where it came from");
                        false
                    }
                    Err(error) => {
                        tracing::warn!(upstream = self.name, kind, %error, "a token was not ended where it came from");
                        false
                    }
                };
            }
            ended
        };
        Some(tokio::time::timeout(PATIENCE, all).await.unwrap_or(false))
    }

    /// The status that the server answers with. A token that it does not know has ended, and it says 200.
    async fn revoke_one(&self, record: &Record, at: &Address, kind: &str, token: &Secret<String>) -> Result<u16> {
        let key = self.settings.private_key.as_ref();
        let key = key.map(|pem| Key { pem, id: self.settings.key_id.as_deref(), now: clock::wall() });
        let proof = record.client.proof(&record.issuer, key)?;
        let mut pairs = vec![("token", token.expose().clone()), ("token_type_hint", kind.to_owned())];
        pairs.extend(proof.parameters);
        let post = Post {
            content_type: "application/x-www-form-urlencoded",
            headers: Vec::new(),
            authorization: proof.header,
            body: form::encode(pairs.iter().map(|(name, value)| (*name, value.as_str()))),
        };
        Ok(self.web.post(at, post).await?.status)
    }
}
