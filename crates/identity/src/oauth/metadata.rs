//! What a protected resource and an authorization server say of themselves, and what of it may be believed.

use super::address::Address;
use super::scope;
use base::network::guard::Guard;
use base::ports::Grant;
use serde_json::Value;

/// What a protected resource says (RFC 9728, section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its identifier, to be sent exactly as it is written.
    pub resource: String,
    /// The issuers that it trusts.
    pub authorization_servers: Vec<String>,
    /// The scopes that it knows.
    pub scopes: Option<Vec<String>>,
}

/// What an authorization server says (RFC 8414, section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its identifier.
    pub issuer: String,
    /// Where a person consents.
    pub authorization_endpoint: Option<Address>,
    /// Where tokens are given.
    pub token_endpoint: Address,
    /// Where clients register themselves.
    pub registration_endpoint: Option<Address>,
    /// Where tokens are ended (RFC 7009).
    pub revocation_endpoint: Option<Address>,
    /// How clients may prove who they are; the default of the standard where it says nothing.
    pub auth_methods: Vec<String>,
    /// The scopes that it knows.
    pub scopes: Vec<String>,
    /// Whether its answers carry `iss` (RFC 9207).
    pub names_itself: bool,
    /// Whether the address of a metadata document may be a client's id.
    pub takes_documents: bool,
}

/// The most items of any list.
const MOST: usize = 64;

impl Resource {
    /// Reads the metadata of the resource whose endpoint the operator named, or says why it is not believed.
    pub fn read(text: &str, endpoint: &Address) -> Result<Self, String> {
        let json = object(text)?;
        let resource = json["resource"].as_str().ok_or("names no `resource`")?;
        let named = Address::parse(resource).map_err(|why| format!("names a `resource` that {why}"))?;
        // RFC 9728, section 3.3: else one server could have tokens made out for another.
        if !named.covers(endpoint) {
            let shown: String = resource.chars().take(200).collect();
            return Err(format!("speaks for {shown}, which is not {}", endpoint.text()));
        }
        let authorization_servers = texts(&json["authorization_servers"]).unwrap_or_default();
        let scopes = texts(&json["scopes_supported"]).map(|scopes| scope::split(&scopes.join(" ")));
        Ok(Self { resource: resource.to_owned(), authorization_servers, scopes })
    }
}

impl Server {
    /// Reads the metadata that was found for `issuer`, or says why it is not believed.
    pub fn read(text: &str, issuer: &str, grant: Grant, guard: &Guard) -> Result<Self, String> {
        let json = object(text)?;
        // RFC 8414, section 3.3: compared byte by byte, without making one form of the other.
        if json["issuer"].as_str() != Some(issuer) {
            let theirs: String = json["issuer"].as_str().unwrap_or("nobody").chars().take(200).collect();
            return Err(format!("says that it is {theirs}, not {issuer}"));
        }
        let endpoint = |name: &str| match &json[name] {
            Value::Null => Ok(None),
            value => endpoint(name, value.as_str().unwrap_or_default(), guard).map(Some),
        };
        let authorization_endpoint = endpoint("authorization_endpoint")?;
        if grant == Grant::AuthorizationCode {
            let harmless = authorization_endpoint.as_ref().ok_or("names no `authorization_endpoint`")?.is_harmless();
            let methods = texts(&json["code_challenge_methods_supported"]).unwrap_or_default();
            if !harmless {
                return Err("names an `authorization_endpoint` with characters that no such address has".to_owned());
            }
            // MCP, "Authorization Code Protection": without it, whoever gets hold of a code has the token.
            if !methods.iter().any(|method| method == "S256") {
                return Err("does not offer PKCE with S256 (`code_challenge_methods_supported`)".to_owned());
            }
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint,
            token_endpoint: endpoint("token_endpoint")?.ok_or("names no `token_endpoint`")?,
            registration_endpoint: endpoint("registration_endpoint")?,
            // Tokens work without it, so one that must not be trusted is no reason to give them up.
            revocation_endpoint: endpoint("revocation_endpoint").ok().flatten(),
            auth_methods: texts(&json["token_endpoint_auth_methods_supported"])
                .unwrap_or_else(|| vec!["client_secret_basic".to_owned()]),
            scopes: texts(&json["scopes_supported"]).unwrap_or_default(),
            names_itself: json["authorization_response_iss_parameter_supported"] == true,
            takes_documents: json["client_id_metadata_document_supported"] == true,
        })
    }

    /// What MCP 2025-03-26 says of a server that publishes nothing ("Fallbacks for Servers without Metadata Discovery").
    pub fn assumed(endpoint: &Address, guard: &Guard) -> Result<Self, String> {
        let origin = endpoint.origin();
        let at = |path: &str| self::endpoint(path, &format!("{origin}{path}"), guard);
        Ok(Self {
            authorization_endpoint: Some(at("/authorize")?),
            token_endpoint: at("/token")?,
            registration_endpoint: Some(at("/register")?),
            revocation_endpoint: None,
            auth_methods: ["none", "client_secret_basic", "client_secret_post"].map(str::to_owned).to_vec(),
            scopes: Vec::new(),
            names_itself: false,
            takes_documents: false,
            issuer: origin,
        })
    }
}

fn endpoint(name: &str, text: &str, guard: &Guard) -> Result<Address, String> {
    let address = Address::parse(text).map_err(|why| format!("names a `{name}` that {why}"))?;
    if address.is_encrypted() || guard.permits_plain(address.host()) {
        return Ok(address);
    }
    Err(format!("names a `{name}` that begins with http://, so that anybody on the way could read what is sent"))
}

fn object(text: &str) -> Result<Value, String> {
    let json: Value = base::json::from_text(text).map_err(|_| "is not JSON")?;
    if json.is_object() { Ok(json) } else { Err("is not a JSON object".to_owned()) }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array()?.iter().take(MOST);
    Some(items.filter_map(|item| item.as_str().map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests;
