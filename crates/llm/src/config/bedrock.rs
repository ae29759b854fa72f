//! What only providers of the kind `bedrock` have: a region, and credentials of AWS.

use super::Kind;
use base::config::Section;
use base::{Code, Secret};

/// What requests to AWS are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The region of the service, such as `eu-west-1`.
    pub region: String,
    /// Whose requests they are.
    pub access_key_id: Secret<String>,
    /// What proves it.
    pub secret_access_key: Secret<String>,
    /// What credentials have with them that hold for a time.
    pub session_token: Option<Secret<String>>,
}

/// The keys that are read here.
const KEYS: [&str; 4] = ["region", "access_key_id", "secret_access_key", "session_token"];

/// Where the service of a region is, where no address is given, and what its requests are signed with, if they are.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) home: Option<String>,
    pub(super) signing: Option<Signing>,
}

/// Reads the keys. Those of other kinds have none of them.
pub(super) fn read(section: &mut Section<'_>, kind: Kind) -> Place {
    if kind != Kind::Bedrock {
        return Place::default();
    }
    let mut text = |key| section.text(key).filter(|text| !text.is_empty());
    let [region, id, secret, token] = KEYS.map(&mut text);
    let keyed = section.has("api_key");
    if let Some(region) = region.as_ref().filter(|region| !is_region(region)) {
        let message = format!("`{}.region` cannot be `{region}`", section.path());
        refuse(section, "region", message, "write the region's code, such as `us-east-1`");
        return Place::default();
    }
    if region.is_none() && !section.has("url") {
        let message = format!("`{}` names no `region`", section.path());
        refuse(section, "region", message, "write `region: us-east-1`, or the one whose models you use");
    }
    let home = region.as_ref().map(|region| format!("https://bedrock-runtime.{region}.amazonaws.com"));
    let signing = match (id, secret) {
        (Some(id), Some(secret)) => signing(section, region, (id, secret, token), keyed),
        (None, None) => {
            if token.is_some() {
                let message =
                    format!("`{}` has a `session_token` and no credentials that it belongs to", section.path());
                refuse(section, "session_token", message, "write `access_key_id` and `secret_access_key` too");
            }
            None
        }
        (id, _) => {
            let (there, lacking) = if id.is_some() {
                ("access_key_id", "secret_access_key")
            } else {
                ("secret_access_key", "access_key_id")
            };
            let message = format!("`{}` has `{there}` and no `{lacking}`", section.path());
            refuse(section, there, message, "write both, or `api_key` in their place");
            None
        }
    };
    Place { home, signing }
}

fn signing(
    section: &Section<'_>,
    region: Option<String>,
    (id, secret, token): (String, String, Option<String>),
    keyed: bool,
) -> Option<Signing> {
    if keyed {
        let message = format!("`{}` has both `api_key` and `access_key_id`", section.path());
        refuse(section, "api_key", message, "write one of them: a request has one proof of whose it is");
    }
    let Some(region) = region else {
        if section.has("url") {
            let message = format!("`{}` names no `region`, for which requests are signed", section.path());
            refuse(section, "url", message, "write `region:` beside `url`");
        }
        return None;
    };
    Some(Signing {
        region,
        access_key_id: Secret::new(id),
        secret_access_key: Secret::new(secret),
        session_token: token.map(Secret::new),
    })
}

/// Whether `text` is one label of a host's name, as codes of regions are: it becomes a part of an address.
fn is_region(text: &str) -> bool {
    text.len() <= 32 && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn refuse(section: &Section<'_>, key: &str, message: String, next: &str) {
    section.problem(key, Code::ConfigInvalidValue, message, next.to_owned());
}
