use super::{Capabilities, Capability, Known};

#[test]
fn every_capability_has_a_name_and_a_bit_of_its_own() {
    let all: Capabilities = Capability::NAMES.into_iter().map(|(_, capability)| capability).collect();
    assert_eq!(all, Capabilities::ALL);
    assert_eq!(all.names().count(), Capability::NAMES.len());
    for (name, capability) in Capability::NAMES {
        assert_eq!(capability.name(), name);
        let alone = Capabilities::NONE.with(capability);
        assert_eq!(alone.names().collect::<Vec<_>>(), [name]);
        assert!(alone.has(capability) && !Capabilities::ALL.without(alone).has(capability));
    }
}

#[test]
fn what_is_not_known_is_not_lacking() {
    let [tools, vision, audio] = [Capability::Tools, Capability::Vision, Capability::Audio]
        .map(|capability| Capabilities::NONE.with(capability));
    let known = Known { present: tools, unknown: vision.and(tools) };
    let needed = tools.and(vision).and(audio);
    assert_eq!(known.lacks(needed), audio);
    assert_eq!(known.doubts(needed), vision);
    assert_eq!(Known::default().doubts(needed), needed);
    assert_eq!(Known::exactly(tools).lacks(needed), vision.and(audio));
    assert!(Known::exactly(tools).doubts(needed).is_empty());
}
