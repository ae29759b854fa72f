use super::{FILE, is_weak, sealer};
use crate::Code;
use crate::environment::Environment;
use std::path::Path;

fn environment(folder: &Path, secret: &str) -> Environment {
    let home = folder.to_string_lossy().into_owned();
    Environment::from_pairs([("TUTTI_HOME", home.as_str()), ("TUTTI_SECRET", secret)], folder)
}

#[test]
fn a_key_file_is_made_once_and_only_its_owner_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let environment = environment(folder.path(), "");
    let sealed = sealer(&environment).unwrap().seal(b"text", b"").unwrap();
    assert_eq!(sealer(&environment).unwrap().open(&sealed, b"").unwrap(), b"text");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let path = folder.path().join(FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(sealer(&environment).err().unwrap().code(), Code::SecretFile);
    }
}

#[test]
fn the_variable_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let secret = "yR3vF0s8cJ1mQ7wZpX5kT9uA2hL6bN4dGeWiOqVtSfM=";
    let sealed = sealer(&environment(folder.path(), secret)).unwrap().seal(b"text", b"").unwrap();
    assert!(!folder.path().join(FILE).exists());
    assert_eq!(sealer(&environment(folder.path(), "")).unwrap().open(&sealed, b""), None);
}

/// Start with a default or example secret.
#[test]
fn a07_a_secret_that_can_be_guessed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for weak in [
        "changeme",
        "secret-api-key",
        "yR3vF0s8cJ1mQ7wZpX5kT9uA2hL6",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "please-change-me-to-something-that-is-long-enough-for-you",
        "this-is-an-example-of-a-thing-that-is-quite-long-xyz-123",
    ] {
        let error = sealer(&environment(folder.path(), weak)).err().unwrap();
        assert_eq!(error.code(), Code::SecretWeak, "{weak}");
        assert!(!format!("{error} {}", error.next()).contains(weak), "the secret is not shown");
    }
    crate::disk::write_atomic(&folder.path().join(FILE), "changeme", true).unwrap();
    assert_eq!(sealer(&environment(folder.path(), "")).err().unwrap().code(), Code::SecretWeak);
}

#[test]
fn random_secrets_are_not_weak() {
    use base64::Engine as _;
    for _ in 0..500 {
        let bytes = crate::random::bytes::<32>().unwrap();
        assert!(!is_weak(&crate::random::to_hex(&bytes)));
        assert!(!is_weak(&base64::engine::general_purpose::STANDARD.encode(bytes)));
    }
}
