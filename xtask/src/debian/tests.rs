use super::{by_hand, install};
use crate::console::Console;

#[test]
fn nothing_to_install_is_nothing_to_do() {
    assert!(install(&[], Console::new(true)).is_ok());
}

#[test]
fn the_way_by_hand_names_the_packages() {
    assert!(by_hand("git cc").contains("apt-get install git cc"));
}
