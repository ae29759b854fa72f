use super::{Engine, Request};
use crate::{Chat, Limits, Message, Model, Role};
use std::sync::Arc;

#[test]
fn tiny() {
    let Some(path) = option_env!("TINY") else { return };
    let bytes = std::fs::read(path).unwrap();
    let model = Arc::new(Model::load(bytes, Limits::default()).unwrap());
    let mut engine = Engine::new(Arc::clone(&model), 1).unwrap();
    for question in [
        "Where does the owl live?",
        "What is 2 plus 3?",
        "What colour is the green fox?",
        "Describe the red hen as JSON.",
    ] {
        let chat =
            Chat { messages: vec![Message::new(Role::User, question)], add_generation_prompt: true, ..Chat::default() };
        let prompt = model.render(&chat).unwrap();
        println!("{prompt:?}");
        engine.begin(Request { prompt, most: Some(40), ..Request::default() }).unwrap();
        let mut text = String::new();
        while engine.active() > 0 {
            for (_, step) in engine.step() {
                text.push_str(&step.unwrap().text);
            }
        }
        println!("{text}");
    }
}
