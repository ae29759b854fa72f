use super::{Client, Method, Origin};
use base::Secret;

fn client(method: Method) -> Client {
    let secret = Some(Secret::new("s:/%".to_owned()));
    Client { id: "an id".to_owned(), secret, method, origin: Origin::Configured, redirect_uri: None }
}

#[test]
fn the_method_is_what_the_registration_says_or_what_the_server_takes() {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let choose = |supported: &[&str], registered, secret| Method::choose(&own(supported), registered, secret, false);
    assert_eq!(choose(&["client_secret_post", "client_secret_basic"], None, true), Method::Basic);
    assert_eq!(choose(&["client_secret_post"], None, true), Method::Post);
    assert_eq!(choose(&["none"], None, true), Method::None, "a secret that nobody wants is not sent");
    assert_eq!(choose(&["none"], None, false), Method::None);
    assert_eq!(choose(&["client_secret_basic"], Some("client_secret_post"), true), Method::Post);
    assert_eq!(choose(&["client_secret_basic"], Some("tls_client_auth"), true), Method::Basic);
    assert_eq!(choose(&["private_key_jwt"], None, true), Method::Basic);
    assert_eq!(Method::choose(&own(&["client_secret_basic"]), None, true, true), Method::PrivateKey);
}

#[test]
fn each_method_sends_the_secret_in_its_place_only() {
    let basic = client(Method::Basic).proof("https://i", None).unwrap();
    assert_eq!(basic.header.unwrap().expose(), "Basic YW4lMjBpZDpzJTNBJTJGJTI1", "an%20id:s%3A%2F%25");
    assert!(basic.parameters.is_empty());
    let post = client(Method::Post).proof("https://i", None).unwrap();
    assert!(post.header.is_none());
    assert_eq!(post.parameters, [("client_id", "an id".to_owned()), ("client_secret", "s:/%".to_owned())]);
    let none = client(Method::None).proof("https://i", None).unwrap();
    assert_eq!(none.parameters, [("client_id", "an id".to_owned())]);
}
