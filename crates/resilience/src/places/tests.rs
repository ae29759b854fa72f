use super::{PerAddress, Place, Places};
use std::net::IpAddr;
use std::sync::Arc;

fn places(connections: usize, per_address: PerAddress) -> Arc<Places> {
    Places::new(connections, per_address)
}

fn take(places: &Arc<Places>, from: &str) -> Option<Place> {
    places.take(Some(from.parse::<IpAddr>().unwrap()))
}

#[test]
fn a02_one_address_leaves_room_for_others() {
    let places = places(8, PerAddress::Quarter);
    let held = [take(&places, "192.0.2.1"), take(&places, "::ffff:192.0.2.1")];
    assert!(held.iter().all(Option::is_some));
    assert!(take(&places, "192.0.2.1").is_none(), "a quarter is the most, however the address is written");
    let other = take(&places, "192.0.2.2");
    assert!(other.is_some());
    let own = [take(&places, "127.0.0.1"), take(&places, "::1"), take(&places, "127.0.0.1"), places.take(None)];
    assert!(own.iter().all(Option::is_some), "this machine may have all that are left");
    assert!(take(&places, "192.0.2.2").is_some(), "the last one, which is given back at once");
    let last = take(&places, "127.0.0.1");
    assert!(last.is_some() && take(&places, "192.0.2.3").is_none() && places.take(None).is_none(), "all are taken");
    assert_eq!(places.count(), 8);
    drop(held);
    assert!(take(&places, "192.0.2.1").is_some());
    drop((other, own, last));
    assert_eq!(places.count(), 0);
    assert!(places.taken.lock().unwrap().by_address.is_empty(), "nothing is kept of those who have gone");
}

#[test]
fn a02_a_network_of_ipv6_is_one_address() {
    let places = places(100, PerAddress::Most(1));
    let held = take(&places, "2001:db8:0:1::1");
    assert!(held.is_some() && take(&places, "2001:db8:0:1:ffff::2").is_none());
    assert!(take(&places, "2001:db8:0:2::1").is_some());
    let own = take(&places, "::1");
    assert!(own.is_some() && take(&places, "::1").is_none(), "what is said holds for this machine too");
}

#[test]
fn nothing_is_counted_where_no_address_is_limited() {
    let places = places(3, PerAddress::All);
    let held = [take(&places, "192.0.2.1"), take(&places, "192.0.2.1"), take(&places, "192.0.2.1")];
    assert!(held.iter().all(Option::is_some) && take(&places, "192.0.2.1").is_none());
    assert!(places.taken.lock().unwrap().by_address.is_empty());
}
