use super::{Slot, Vault};
use base::Code;
use base::ports::Principal;
use base::seal::Sealer;
use store::{Db, Statement};

fn slot(tenant: &str, name: &str, upstream: &str) -> Slot {
    let principal = Principal { tenant: tenant.to_owned(), name: name.to_owned() };
    Slot { principal, upstream: upstream.to_owned(), kind: "oauth" }
}

#[tokio::test]
async fn a_secret_is_kept_for_one_principal_and_one_upstream() {
    let vault = Vault::open(Db::memory().await.unwrap(), &Sealer::new(&[1; 32])).await.unwrap();
    let mine = slot("default", "alice", "docs");
    vault.put(&mine, b"first").await.unwrap();
    vault.put(&mine, b"second").await.unwrap();
    assert_eq!(vault.get(&mine).await.unwrap().unwrap(), b"second");
    for other in [slot("default", "bob", "docs"), slot("other", "alice", "docs"), slot("default", "alice", "mail")] {
        assert_eq!(vault.get(&other).await.unwrap(), None);
    }
    assert!(vault.delete(&mine).await.unwrap() && !vault.delete(&mine).await.unwrap());
    assert_eq!(vault.get(&mine).await.unwrap(), None);
}

#[tokio::test]
async fn what_lies_in_the_store_shows_nothing_and_opens_nowhere_else() {
    let db = Db::memory().await.unwrap();
    let vault = Vault::open(db.clone(), &Sealer::new(&[1; 32])).await.unwrap();
    let mine = slot("default", "alice", "docs");
    vault.put(&mine, b"canary-secret").await.unwrap();
    let rows = db.query(Statement::new("SELECT sealed FROM credential")).await.unwrap();
    assert!(!rows[0].text(0).unwrap().contains("canary"));
    // A row that is moved to another principal.
    let moved = Statement::new("UPDATE credential SET principal = 'bob'");
    db.execute(vec![moved]).await.unwrap().done().unwrap();
    let error = vault.get(&slot("default", "bob", "docs")).await.unwrap_err();
    assert_eq!(error.code(), Code::VaultSealed);
    // Another master secret.
    let other = Vault::open(db, &Sealer::new(&[2; 32])).await.unwrap();
    assert_eq!(other.get(&slot("default", "bob", "docs")).await.unwrap_err().code(), Code::VaultSealed);
}
