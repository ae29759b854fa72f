use super::Record;
use crate::oauth::client::{Client, Method, Origin};
use crate::oauth::token::Tokens;
use base::ports::{Grant, OauthSettings};
use base::{Secret, clock};
use std::time::Duration;

const ENDPOINT: &str = "https://mcp.example.com/mcp";

fn settings() -> OauthSettings {
    OauthSettings {
        grant: Grant::AuthorizationCode,
        client_id: None,
        client_secret: None,
        private_key: None,
        key_id: None,
        client_metadata_url: None,
        scopes: None,
        issuer: None,
        private_hosts: Vec::new(),
        redirect_port: None,
        each: false,
    }
}

fn record(origin: Origin) -> Record {
    Record {
        endpoint: ENDPOINT.to_owned(),
        issuer: "https://auth.example.com".to_owned(),
        token_endpoint: "https://auth.example.com/token".to_owned(),
        revocation_endpoint: Some("https://auth.example.com/revoke".to_owned()),
        resource: ENDPOINT.to_owned(),
        client: Client {
            id: "me".to_owned(),
            secret: Some(Secret::new("secret".to_owned())),
            method: Method::Basic,
            origin,
            redirect_uri: Some("http://127.0.0.1:1/callback".to_owned()),
        },
        asked: vec!["a".to_owned()],
        granted: vec!["a".to_owned()],
        wanted: vec!["b".to_owned()],
        access: Some(Secret::new("access".to_owned())),
        refresh: Some(Secret::new("refresh".to_owned())),
        obtained_at: Duration::from_secs(1000),
        expires_at: Some(Duration::from_secs(4600)),
    }
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let registered = record(Origin::Registered);
    assert_eq!(Record::from_bytes(&registered.to_bytes()), Some(registered));
    let mut configured = record(Origin::Configured);
    let bytes = configured.to_bytes();
    assert!(!String::from_utf8(bytes.clone()).unwrap().contains("\"secret\":\"secret\""));
    configured.client.secret = None;
    assert_eq!(Record::from_bytes(&bytes), Some(configured), "the operator's secret stays in the configuration");
    for broken in ["", "{}", "[]", "null"] {
        assert_eq!(Record::from_bytes(broken.as_bytes()), None);
    }
}

#[test]
fn a_record_fits_only_what_is_configured_now() {
    let fits = |origin, endpoint: &str, change: &dyn Fn(&mut OauthSettings)| {
        let mut settings = settings();
        change(&mut settings);
        record(origin).fitting(endpoint, &settings)
    };
    let id = |id: &str| Some(id.to_owned());
    assert!(fits(Origin::Registered, ENDPOINT, &|_| {}).is_some());
    assert!(fits(Origin::Registered, "https://mcp.example.com/other", &|_| {}).is_none());
    assert!(fits(Origin::Registered, ENDPOINT, &|settings| settings.client_id = id("me")).is_none());
    assert!(fits(Origin::Registered, ENDPOINT, &|settings| settings.issuer = id("https://other")).is_none());
    assert!(fits(Origin::Document, ENDPOINT, &|settings| settings.client_metadata_url = id("me")).is_some());
    assert!(fits(Origin::Document, ENDPOINT, &|_| {}).is_none());
    assert!(fits(Origin::Configured, ENDPOINT, &|settings| settings.client_id = id("you")).is_none());
    let rotated = fits(Origin::Configured, ENDPOINT, &|settings| {
        settings.client_id = id("me");
        settings.client_secret = Some(Secret::new("new".to_owned()));
    });
    assert_eq!(rotated.unwrap().client.secret.unwrap().expose(), "new");
}

#[test]
fn tokens_are_renewed_a_little_ahead_where_they_can_be() {
    let mut long = record(Origin::Registered);
    assert_eq!(long.fresh_until(), Some(Duration::from_secs(4540)));
    long.expires_at = Some(Duration::from_secs(1010));
    assert_eq!(long.fresh_until(), Some(Duration::from_secs(1008)), "a fifth of a short life");
    long.refresh = None;
    assert_eq!(long.fresh_until(), Some(Duration::from_secs(1010)), "there is nothing to renew it with");
    long.expires_at = None;
    assert_eq!(long.fresh_until(), None);
}

#[test]
fn a_server_that_does_not_rotate_leaves_the_refresh_token_as_it_is() {
    let mut record = record(Origin::Registered);
    let tokens = |refresh: Option<&str>| Tokens {
        access: Secret::new("next".to_owned()),
        refresh: refresh.map(|refresh| Secret::new(refresh.to_owned())),
        expires_at: Some(clock::wall() + Duration::from_secs(60)),
        scopes: None,
    };
    record.take(tokens(None), vec!["x".to_owned()]);
    assert_eq!(record.refresh.as_ref().unwrap().expose(), "refresh");
    assert_eq!(record.granted, ["x"], "what was not said was granted as asked");
    assert!(record.is_valid());
    record.take(tokens(Some("rotated")), Vec::new());
    assert_eq!(record.refresh.as_ref().unwrap().expose(), "rotated");
}
