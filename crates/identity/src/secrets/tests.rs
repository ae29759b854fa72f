use super::{LARGEST, MOST, Secrets, check};
use base::seal::Sealer;
use base::{Code, Secret};
use store::{Db, Statement};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

async fn open(db: &Db, key: u8) -> Secrets {
    Secrets::open(db.clone(), &Sealer::new(&[key; 32])).await.unwrap()
}

/// Names and values; an error's code in place of a value.
async fn all(secrets: &Secrets) -> Vec<(String, String)> {
    let all = secrets.all().await.unwrap().into_iter();
    all.map(|kept| {
        (kept.name, kept.value.map_or_else(|error| error.code().to_string(), |value| value.expose().clone()))
    })
    .collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn secrets_are_set_replaced_and_removed() {
    let secrets = open(&Db::memory().await.unwrap(), 1).await;
    assert!(!secrets.set("B", &secret("first")).await.unwrap());
    assert!(secrets.set("B", &secret("second")).await.unwrap());
    assert!(!secrets.set("A.key-1", &secret("two\nlines")).await.unwrap());
    assert_eq!(all(&secrets).await, [pair("A.key-1", "two\nlines"), pair("B", "second")]);
    secrets.remove("B").await.unwrap();
    for gone in ["B", "b", "", "%00"] {
        assert_eq!(secrets.remove(gone).await.unwrap_err().code(), Code::SecretUnknown, "{gone}");
    }
    assert_eq!(all(&secrets).await, [pair("A.key-1", "two\nlines")]);
}

#[tokio::test]
async fn what_lies_in_the_store_shows_nothing_and_opens_nowhere_else() {
    let db = Db::memory().await.unwrap();
    let secrets = open(&db, 1).await;
    secrets.set("MINE", &secret("canary-secret")).await.unwrap();
    secrets.set("OTHER", &secret("else")).await.unwrap();
    let rows = db.query(Statement::new("SELECT sealed FROM secret WHERE name = 'MINE'")).await.unwrap();
    assert!(!rows[0].text(0).unwrap().contains("canary"));
    // Whoever can write to the store gives one secret the name of another, so that it is sent where it should not be.
    let swap = "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'MINE') WHERE name = 'OTHER'";
    db.execute(vec![Statement::new(swap)]).await.unwrap().done().unwrap();
    assert_eq!(all(&secrets).await, [pair("MINE", "canary-secret"), pair("OTHER", "T-0706")]);
    let other = open(&db, 2).await;
    assert_eq!(all(&other).await, [pair("MINE", "T-0706"), pair("OTHER", "T-0706")]);
    // A new value mends it.
    other.set("MINE", &secret("new")).await.unwrap();
    assert_eq!(all(&other).await, [pair("MINE", "new"), pair("OTHER", "T-0706")]);
    let error = other.all().await.unwrap()[1].value.clone().unwrap_err();
    assert!(error.next().contains("tutti secret set OTHER"), "{error}");
}

#[test]
fn what_cannot_be_kept_is_refused_without_its_value() {
    let large = "x".repeat(LARGEST);
    check("A", &secret(&large)).unwrap();
    let long = "a".repeat(65);
    let table = [
        ("", "canary"),
        ("-a", "canary"),
        ("a b", "canary"),
        ("a/b", "canary"),
        ("ä", "canary"),
        (long.as_str(), "canary"),
        ("A", ""),
        ("A", "canary\0"),
        ("A", &format!("canary{large}")),
    ];
    for (name, value) in table {
        let error = check(name, &secret(value)).unwrap_err();
        assert_eq!(error.code(), Code::InvalidParams, "{name}");
        assert!(!format!("{error:?}").contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn there_is_a_most() {
    let db = Db::memory().await.unwrap();
    let secrets = open(&db, 1).await;
    let row = |number: usize| {
        Statement::new("INSERT INTO secret (tenant, name, sealed, set_at) VALUES ('default', ?1, '', 0)")
            .with(format!("n{number}"))
    };
    db.execute((0..MOST).map(row).collect()).await.unwrap().done().unwrap();
    assert_eq!(secrets.set("more", &secret("x")).await.unwrap_err().code(), Code::InvalidParams);
    assert!(secrets.set("n0", &secret("x")).await.unwrap());
}
