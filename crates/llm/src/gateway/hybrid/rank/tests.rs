use super::*;

#[test]
fn passages_with_rare_words_of_the_question_come_first() {
    let passages = ["The weather was fine.", "Ines Brandt was elected mayor.", "Nothing was decided.", ""];
    let scores = by_words("Who was elected mayor?", &passages.map(str::to_owned));
    assert_eq!(scores.len(), 4);
    assert!(scores[1] > scores[0] && scores[1] > scores[2] && scores[3] == 0.0, "{scores:?}");
    assert!(by_words("", &[]).is_empty());
}
