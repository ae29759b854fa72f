use super::Broker;
use crate::vault::Vault;
use base::ports::{Grant, OauthSettings, Principal, UpstreamCredentials as _};
use base::seal::Sealer;
use base::{Code, Secret};
use store::Db;

async fn broker() -> Broker {
    Broker::new(Vault::open(Db::memory().await.unwrap(), &Sealer::new(&[1; 32])).await.unwrap())
}

fn settings(private_key: Option<&str>) -> OauthSettings {
    OauthSettings {
        grant: Grant::AuthorizationCode,
        client_id: None,
        client_secret: None,
        private_key: private_key.map(|key| Secret::new(key.to_owned())),
        key_id: None,
        client_metadata_url: None,
        scopes: None,
        issuer: None,
        private_hosts: Vec::new(),
        redirect_port: None,
        each: false,
    }
}

#[tokio::test]
async fn an_account_is_for_an_address_of_the_web() {
    let (broker, me) = (broker().await, Principal::local());
    for url in
        ["https://mcp.example.com/mcp", "http://127.0.0.1:1/mcp", "wss://mcp.example.com/mcp", "ws://127.0.0.1:1/"]
    {
        let account = broker.account(&me, "docs", url, &settings(None)).unwrap();
        assert!(account.header().is_none());
        let error = account.obtain().await.unwrap_err();
        assert_eq!(error.code(), Code::LoginNeeded, "{url}");
        assert!(error.next().contains("tutti server login docs"));
    }
    for url in ["unix:///run/x", "wsx://example.com/", "file:///x", ""] {
        let error = broker.account(&me, "docs", url, &settings(None)).err().unwrap();
        assert_eq!(error.code(), Code::ConfigInvalidValue, "{url}");
    }
    let error = broker.account(&me, "docs", "https://x.com/", &settings(Some("no key"))).err().unwrap();
    assert_eq!(error.code(), Code::ClientKey);
}
