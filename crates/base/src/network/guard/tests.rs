use super::{Forbidden, Guard, is_loopback_name, is_public};
use crate::network::Connector;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[test]
fn a81_private_addresses_are_told_from_public_ones() {
    for private in [
        "0.0.0.0",
        "10.1.2.3",
        "127.0.0.1",
        "127.9.9.9",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "fd00::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "100::1",
        "3fff::1",
        "4000::1",
    ] {
        assert!(!is_public(private.parse().unwrap()), "{private}");
    }
    for public in [
        "1.1.1.1",
        "8.8.8.8",
        "100.128.0.1",
        "172.32.0.1",
        "192.1.1.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ] {
        assert!(is_public(public.parse().unwrap()), "{public}");
    }
}

proptest! {
    #[test]
    fn a81_an_embedded_private_address_is_never_public(octets: [u8; 4]) {
        let four = Ipv4Addr::from(octets);
        prop_assert_eq!(is_public(IpAddr::V6(four.to_ipv6_mapped())), is_public(IpAddr::V4(four)));
        let [a, b, c, d] = octets;
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        for six in [
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
        ] {
            prop_assert_eq!(is_public(IpAddr::V6(six)), is_public(IpAddr::V4(four)));
        }
    }
}

#[test]
fn what_the_operator_named_may_be_private_and_nothing_else() {
    let remote = Guard::of("mcp.example.com", &["Auth.Corp.".to_owned()]);
    let private: IpAddr = "10.0.0.1".parse().unwrap();
    let loopback: IpAddr = "127.0.0.1".parse().unwrap();
    assert!(remote.permits("auth.corp", private) && remote.permits("mcp.example.com", private));
    assert!(!remote.permits("other.example.com", private));
    assert!(!remote.permits("localhost", loopback) && !remote.permits("127.0.0.1", loopback));
    assert!(remote.permits_plain("auth.corp") && !remote.permits_plain("mcp.example.com"));
    assert!(!remote.permits_plain("localhost"));
    let here = Guard::of("127.0.0.1", &[]);
    assert!(here.permits_plain("localhost") && !here.permits_plain("example.com"));
    assert!(here.permits("localhost", loopback) && here.permits("[::1]", "::1".parse().unwrap()));
    assert!(!here.permits("evil.example.com", loopback), "a name that leads here is not the operator's");
    assert!(!here.permits("169.254.169.254", "169.254.169.254".parse().unwrap()));
}

#[test]
fn a85_ports_that_are_no_web_servers_are_refused() {
    for port in [0, 22, 25, 110, 143, 389, 445, 2375, 3306, 5432, 6379, 11211] {
        assert!(!Guard::permits_port(port), "{port}");
    }
    for port in [80, 443, 3000, 8080, 8443, 49152] {
        assert!(Guard::permits_port(port), "{port}");
    }
}

#[test]
fn loopback_names() {
    for name in ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]", "::1"] {
        assert!(is_loopback_name(name), "{name}");
    }
    for name in ["localhost.example.com", "127.0.0.1.example.com", "10.0.0.1", "2130706433", "0x7f.1"] {
        assert!(!is_loopback_name(name), "{name}");
    }
}

/// All the ways of writing this machine lead to the same refusal, because it is the resolved address that is judged.
#[tokio::test]
async fn a81_this_machine_is_refused_however_it_is_written() {
    for host in [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
        "::",
    ] {
        let connector = Connector::guarded(host, 49152, false, Guard::of("mcp.example.com", &[])).unwrap();
        let error = connector.connect().await.err().unwrap();
        // A resolver that does not know such a spelling is as good as a refusal.
        let refused = Forbidden::within(&error).is_some();
        assert!(refused || error.kind() != std::io::ErrorKind::ConnectionRefused, "{host}: {error}");
    }
}

#[tokio::test]
async fn a83_the_connection_goes_to_the_address_that_was_judged() {
    let listener = crate::network::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connector = Connector::guarded("localhost", port, false, Guard::of("localhost", &[])).unwrap();
    let (connected, accepted) = tokio::join!(connector.connect(), listener.accept());
    assert!(connected.is_ok() && accepted.is_ok());
}
