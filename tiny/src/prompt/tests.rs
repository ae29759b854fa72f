use super::*;

#[test]
fn only_what_the_assistant_says_is_learned() {
    let tokenizer = Tokenizer::learn(std::iter::empty(), 300);
    let turns = vec![(Role::System, "s".to_owned()), (Role::User, "u".to_owned()), (Role::Assistant, "a".to_owned())];
    let byte = |byte: u8| SPECIAL.len() as u32 + u32::from(byte);
    let wanted = [
        (1, false),
        (3, false),
        (byte(b's'), false),
        (2, false),
        (4, false),
        (byte(b'u'), false),
        (2, false),
        (5, false),
        (byte(b'a'), true),
        (2, true),
    ];
    assert_eq!(lesson(&tokenizer, &Lesson::Chat(turns.clone())), wanted);
    let asked = wanted[..8].iter().map(|(token, _)| *token);
    assert_eq!(question(&tokenizer, &turns[..2]), asked.collect::<Vec<_>>());
    assert_eq!(rendered(&turns[..2]), "<|system|>s<|end|><|user|>u<|end|><|assistant|>");
    let sentence = lesson(&tokenizer, &Lesson::Sentence("b".to_owned()));
    assert_eq!(sentence, [(1, false), (byte(b'b'), true), (2, true)]);
}
