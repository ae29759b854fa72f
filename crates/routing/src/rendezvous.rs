//! Rendezvous hashing: which of some deployments a conversation belongs to, without a memory of conversations.
//!
//! Each deployment bids for each conversation with a number that depends on the two alone, and the lowest bid has it.
//! So a deployment that goes takes only its own conversations along, and one that comes gets only those that it bids least
//! for. Replicas of the hub agree without talking.

/// What the deployment `name` bids for a conversation: a number from 0 to below 1 that looks like chance.
pub(crate) fn bid(conversation: u64, name: &str) -> f64 {
    // FNV-1a over the name, then the finalizer of SplitMix64: stable over versions, which the standard library's is not.
    let name = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = mix(name ^ mix(conversation));
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// When something of this weight comes first that arrives by chance, `dice` being from 0 to below 1: the earliest of several
/// is each of them as often as its weight says, and so is the earliest of those that are left.
pub(crate) fn arrival(dice: f64, weight: u32) -> f64 {
    let dice = if dice.is_finite() { dice.clamp(0.0, 1.0 - f64::EPSILON) } else { 0.5 };
    if weight == 0 { f64::INFINITY } else { -(1.0 - dice).ln() / f64::from(weight) }
}

#[cfg(test)]
mod tests;
