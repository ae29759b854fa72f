//! How many connections there may be at once: of all clients, and from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections one address may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerAddress {
    /// A quarter of all, so that no single address takes the hub from the others; this machine may have all of them.
    Quarter,
    /// As many as there are.
    All,
    /// So many, this machine too.
    Most(usize),
}

/// The connections that there are.
#[derive(Debug)]
pub struct Places {
    most: usize,
    per_address: PerAddress,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Only of addresses that are limited.
    by_address: HashMap<IpAddr, usize>,
}

/// One of the connections that there may be at once.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    from: Option<IpAddr>,
}

impl Places {
    /// So many places, and so many of them for one address.
    pub fn new(most: usize, per_address: PerAddress) -> Arc<Self> {
        Arc::new(Self { most, per_address, taken: Mutex::default() })
    }

    /// A place for one more connection, if there is any. `from` is where it comes from, if it came over the network.
    pub fn take(self: &Arc<Self>, from: Option<IpAddr>) -> Option<Place> {
        let limited = from.and_then(|address| self.limit(address));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.most {
            return None;
        }
        if let Some((address, most)) = limited {
            let count = taken.by_address.entry(address).or_default();
            if *count >= most {
                return None;
            }
            *count += 1;
        }
        taken.all += 1;
        Some(Place { places: Arc::clone(self), from: limited.map(|(address, _)| address) })
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).all as u64
    }

    /// What counts as one address, and how many connections it may have; nothing where that is not limited.
    fn limit(&self, address: IpAddr) -> Option<(IpAddr, usize)> {
        let address = address.to_canonical();
        let most = match self.per_address {
            PerAddress::All => return None,
            PerAddress::Quarter if address.is_loopback() => return None,
            PerAddress::Quarter => (self.most / 4).max(1),
            PerAddress::Most(most) => most,
        };
        Some((network(address), most))
    }
}

/// Of IPv6 one customer has all addresses that begin with the same 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(address) = self.from
            && let Some(count) = taken.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests;
