use super::cards;
use crate::testing::Spec;
use crate::{Device, FailureKind, Limits, Model, Placement};

#[cfg(feature = "cards")]
pub(crate) mod on_card;

fn made_up() -> Model {
    Model::load(Spec::new("llama").write(3).bytes(), Limits::default()).unwrap()
}

#[test]
fn words_of_configurations_are_devices() {
    assert_eq!(Device::of("auto"), Device::Auto);
    assert_eq!(Device::of("cpu"), Device::Processor);
    assert_eq!(Device::of("GeForce"), Device::Named("GeForce".to_owned()));
}

#[test]
fn failures_of_cards_at_work_are_told_from_cards_that_are_not_there() {
    use ::cards::FailureKind::{Lost, Memory, Sizes, Unavailable};
    let kind = |kind| crate::Failure::from(::cards::Failure { kind, cause: String::new() }).kind;
    assert_eq!([Lost, Memory, Sizes].map(kind), [FailureKind::CardLost; 3]);
    assert_eq!(kind(Unavailable), FailureKind::NoCard);
}

#[test]
fn models_stay_on_the_processor_unless_a_card_is_wanted_and_there() {
    let mut model = made_up();
    assert_eq!(model.place(&Device::Processor).unwrap(), &Placement::default());
    let failure = model.place(&Device::Named("no such card".to_owned())).unwrap_err();
    assert_eq!(failure.kind, FailureKind::NoCard);
    if !::cards::IS_BUILT {
        assert_eq!(cards(), Vec::<String>::new());
        let placement = model.place(&Device::Auto).unwrap();
        assert!(placement.card.is_none() && placement.why.as_ref().unwrap().contains("built without"), "{placement:?}");
    }
}
