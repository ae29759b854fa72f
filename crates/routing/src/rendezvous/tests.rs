use super::{arrival, bid};

const NAMES: [&str; 5] = ["openai/gpt-5", "azure/gpt-5", "local/qwen3", "anthropic/claude", "groq/llama"];

fn winner(conversation: u64, names: &[&'static str]) -> &'static str {
    let best = |left: &&&str, right: &&&str| bid(conversation, left).total_cmp(&bid(conversation, right));
    names.iter().min_by(best).copied().unwrap_or_default()
}

#[test]
fn bids_are_the_same_in_all_versions() {
    // Replicas of two versions must send a conversation to the same place.
    assert_eq!((bid(7, "openai/gpt-5") * 1e9) as u64, 529_541_066);
    assert_ne!(bid(7, "openai/gpt-5").to_bits(), bid(8, "openai/gpt-5").to_bits());
}

#[test]
fn a_deployment_that_goes_takes_only_its_own_conversations_along() {
    for conversation in 0..2_000 {
        let before = winner(conversation, &NAMES);
        for gone in NAMES.iter().filter(|gone| **gone != before) {
            let left: Vec<&'static str> = NAMES.into_iter().filter(|name| name != gone).collect();
            assert_eq!(winner(conversation, &left), before, "conversation {conversation} without {gone}");
        }
    }
}

#[test]
fn each_gets_its_part_of_the_conversations() {
    for name in NAMES {
        let count = (0..10_000).filter(|conversation| winner(*conversation, &NAMES) == name).count();
        // 2 000 with a standard deviation of 40.
        assert!((1_840..=2_160).contains(&count), "{name} gets {count}");
    }
}

#[test]
fn what_is_no_number_arrives_too() {
    for dice in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 0.5, 1.0, 2.0] {
        let at = arrival(dice, 3);
        assert!(at.is_finite() && at >= 0.0, "{dice} arrives at {at}");
        assert_eq!(arrival(dice, 0), f64::INFINITY);
    }
    assert!(arrival(0.5, 2) < arrival(0.5, 1));
}
