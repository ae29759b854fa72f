use super::{Address, Web};
use base::Code;
use http::HeaderMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

#[tokio::test]
async fn a49_a_registry_that_never_answers_is_given_up() {
    let listener = base::network::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
    let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let mut web = Web::new(&address, HeaderMap::new()).unwrap();
    web.patience = Duration::from_millis(50);
    let error = web.get("/v0.1/servers").await.map(|reply| reply.status).unwrap_err();
    assert_eq!(error.code(), Code::RegistryFetch);
    assert!(error.message().contains("no answer within 50ms"), "{error}");
}
