//! Models on a card: run where a driver of OpenCL is, which `cargo xtask test --only cards` brings.

use super::made_up;
use crate::testing::Spec;
use crate::{Device, Engine, Limits, Model, Request};
use ::cards::{Card, devices};
use std::sync::{Arc, OnceLock};

/// The first device, with so many bytes of memory at most. There is but one of a whole device, since kernels are built for each.
pub(crate) fn card(memory: u64) -> Arc<Card> {
    static WHOLE: OnceLock<Arc<Card>> = OnceLock::new();
    let open = || {
        let mut device = devices().unwrap().remove(0);
        device.memory = device.memory.min(memory);
        Arc::new(Card::open(&device).unwrap())
    };
    if memory == u64::MAX { Arc::clone(WHOLE.get_or_init(open)) } else { open() }
}

#[test]
fn as_many_layers_as_fit_go_to_the_card() {
    let mut model = made_up();
    model.place_on(&card(u64::MAX)).unwrap();
    // Two layers and the matrix behind them.
    assert_eq!((model.placement().layers, model.placement().why.as_ref()), (3, None));
    assert_eq!(model.placement().card.as_deref(), Some(card(u64::MAX).name()));
    let layer: usize = Spec::new("llama").layer_bytes();
    for (layers, most) in [(0, layer), (1, 2 * layer), (2, 2 * layer + layer / 2)] {
        let mut model = made_up();
        model.place_on(&card(most as u64)).unwrap();
        let placement = model.placement();
        assert_eq!(placement.layers, layers, "{most}");
        assert!(placement.why.as_ref().unwrap().contains("no room"), "{placement:?}");
        assert_eq!(placement.card.is_some(), layers > 0);
    }
}

#[test]
fn a_device_is_found_by_a_part_of_its_name() {
    let name = devices().unwrap().remove(0).name;
    let mut model = made_up();
    let part: String = name.chars().take(7).collect();
    assert_eq!(model.place(&Device::Named(part.to_uppercase())).unwrap().card, Some(name));
    let failure = made_up().place(&Device::Named("no such card".to_owned())).unwrap_err();
    assert!(failure.cause.contains("there are"), "{failure}");
}

#[test]
fn answers_that_are_given_up_leave_others_alone() {
    let request =
        |model: &Model, text: &str| Request { prompt: model.tokenize(text, true), most: Some(8), ..Request::default() };
    let alone = |text: &str| {
        let mut model = made_up();
        model.place_on(&card(u64::MAX)).unwrap();
        let model = Arc::new(model);
        let mut engine = Engine::new(Arc::clone(&model), 1).unwrap();
        engine.begin(request(&model, text)).unwrap();
        tokens(&mut engine)
    };
    let expected = alone("the one that stays");
    let mut model = Model::load(Spec::new("llama").write(3).bytes(), Limits::default()).unwrap();
    model.place_on(&card(u64::MAX)).unwrap();
    let model = Arc::new(model);
    let mut engine = Engine::new(Arc::clone(&model), 1).unwrap();
    let gone = engine.begin(request(&model, "the one that goes")).unwrap();
    engine.begin(request(&model, "the one that stays")).unwrap();
    let mut first = engine.step();
    first.retain(|(ticket, _)| *ticket != gone);
    assert!(engine.cancel(gone));
    let mut found: Vec<u32> = first.into_iter().map(|(_, step)| step.unwrap().token).collect();
    found.extend(tokens(&mut engine));
    assert_eq!(found, expected);
}

fn tokens(engine: &mut Engine) -> Vec<u32> {
    let mut tokens = Vec::new();
    while engine.active() > 0 {
        tokens.extend(engine.step().into_iter().map(|(_, step)| step.unwrap().token));
    }
    tokens
}
