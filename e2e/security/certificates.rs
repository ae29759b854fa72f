//! A50: servers whose certificates are not to be trusted.

use crate::harness::{HttpUpstream, Setup, trials};
use libtest_mimic::Trial;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

pub(crate) fn tests() -> Vec<Trial> {
    trials!("security":
        a50_only_a_good_certificate_is_trusted,
        a50_no_key_turns_the_check_off,
    )
}

pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(crate) fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("no names are good names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key can be made");
    CertifiedIssuer::self_signed(params, key).expect("an authority can be made")
}

/// A certificate for `host` that ends with this year, and its key. Without an authority it is signed with its own key.
pub(crate) fn certificate(host: &str, last_year: i32, authority: Option<&Authority>) -> ServerConfig {
    let mut params = CertificateParams::new(vec![host.to_owned()]).expect("the host is a name");
    params.not_before = date_time_ymd(2000, 1, 1);
    params.not_after = date_time_ymd(last_year, 12, 31);
    let key = KeyPair::generate().expect("a key can be made");
    let signed = match authority {
        Some(authority) => params.signed_by(&key, authority),
        None => params.self_signed(&key),
    };
    let chain = vec![CertificateDer::from(signed.expect("a certificate can be made").der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("the key is PKCS#8");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("the versions are supported").with_no_client_auth();
    builder.with_single_cert(chain, key).expect("the key is that of the certificate")
}

/// A certificate as text.
pub(crate) fn to_pem(certificate: &[u8]) -> String {
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, certificate);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
    let lines = lines.collect::<Vec<_>>().join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}

/// TLS with this certificate in front of the server at `url`; gives the port.
pub(crate) async fn encrypt(config: ServerConfig, url: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("it listens").port();
    let behind = url.split('/').nth(2).expect("an address has a host").to_owned();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let Ok(mut behind) = TcpStream::connect(&behind).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    port
}

async fn a50_only_a_good_certificate_is_trusted() {
    let (trusted, other) = (authority(), authority());
    let cases = [
        ("good", certificate("localhost", 2999, Some(&trusted)), ""),
        ("expired", certificate("localhost", 2001, Some(&trusted)), "must be renewed"),
        ("other-host", certificate("other.example", 2999, Some(&trusted)), "for another host"),
        ("own", certificate("localhost", 2999, None), "SSL_CERT_FILE"),
        ("other-authority", certificate("localhost", 2999, Some(&other)), "SSL_CERT_FILE"),
    ];
    let mut setup = Setup::new();
    let file = setup.path_text("trusted.pem");
    std::fs::write(&file, to_pem(trusted.der())).expect("the folder of the test can be written");
    setup = setup.environment("SSL_CERT_FILE", &file).fixture("fine", &[], json!({}));
    let backoff = json!({"first": "1h", "max": "1h"});
    let mut upstreams = Vec::new();
    let mut expected = Vec::new();
    for (name, config, advice) in cases {
        let config = Arc::new(config);
        for (transport, scheme) in [("--http", "https"), ("--websocket", "wss")] {
            let of_its_own = format!("{name}-{scheme}");
            let record = setup.path_text(&format!("{of_its_own}.record"));
            let upstream = HttpUpstream::over(&[transport], &["--name", &of_its_own, "--record", &record]).await;
            let port = encrypt(ServerConfig::clone(&config), &upstream.url).await;
            let path = upstream.url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
            let entry = json!({"backoff": backoff, "headers": {"authorization": "Bearer canary-of-a-header"}});
            setup = setup.remote(&of_its_own, &format!("{scheme}://localhost:{port}/{path}"), entry);
            upstreams.push(upstream);
            expected.push((of_its_own, advice));
        }
    }
    let hub = setup.start().await;
    for (name, advice) in expected {
        if advice.is_empty() {
            hub.wait_for_tool(&format!("{name}__echo")).await;
            assert_eq!(hub.call(&format!("{name}__echo"), json!({"message": "hi"})).await.text(), "hi");
            continue;
        }
        let refused = |server: &Value| server["error"]["code"] == "T-0205";
        let server = hub.wait_for(&name, "the certificate is refused", refused).await;
        assert!(server["error"]["next"].as_str().is_some_and(|next| next.contains(advice)), "{name}: {server}");
        assert!(server["error"]["message"].as_str().is_some_and(|why| why.contains("certificate")), "{name}: {server}");
        hub.call(&format!("{name}__echo"), json!({})).await.assert_fault(&["T-0205", "T-0207"], &name);
        assert!(hub.recorded(&name).is_empty(), "{name}: nothing was said to it");
    }
    hub.wait_for_tool("fine__echo").await;
}

async fn a50_no_key_turns_the_check_off() {
    for key in ["insecure", "verify", "tls_verify", "skip_verify", "accept_invalid_certs", "rejectUnauthorized"] {
        let setup = Setup::new().remote("any", "https://localhost:1/mcp", json!({key: false}));
        setup.write_config();
        let home = setup.folder.path().to_str().expect("the path is text");
        let config = setup.path_text("tutti.yaml");
        let arguments = ["up", "--listen", "127.0.0.1:0", "--config", &config];
        let run = crate::harness::tutti(&arguments, &[("HOME", home), ("TUTTI_HOME", home)]).await;
        assert_eq!(run.code, Some(3), "{key}: {run:?}");
        assert!(run.stderr.contains("T-0103"), "{key}: {run:?}");
    }
}
