use super::*;

fn made(thinking: &Thinking, model: &str) -> (String, String) {
    let mut losses = Losses::new();
    (write(thinking, model, None, &mut losses).unwrap_or_default(), losses.to_string())
}

#[test]
fn models_before_gemini_3_get_tokens_and_later_ones_levels() {
    let effort = |word: &str| Thinking { effort: Some(word.to_owned()), ..Thinking::default() };
    let budget = |tokens: u64| Thinking { budget: Some(Number::from(tokens)), ..Thinking::default() };
    let mode = |mode: ThinkingMode| Thinking { mode: Some(mode), ..Thinking::default() };
    let (old, new, pro) = ("gemini-2.5-flash", "models/gemini-3-flash-preview", "gemini-3-pro-preview");
    let cases = [
        (effort("low"), old, r#"{"thinkingBudget":2048}"#, ""),
        (effort("low"), new, r#"{"thinkingLevel":"LOW"}"#, ""),
        (effort("max"), new, r#"{"thinkingLevel":"HIGH"}"#, ""),
        (effort("minimal"), pro, r#"{"thinkingLevel":"LOW"}"#, ""),
        (effort("odd"), new, "", "thinking.effort"),
        (effort("none"), old, r#"{"thinkingBudget":0}"#, ""),
        (effort("none"), new, r#"{"thinkingLevel":"MINIMAL"}"#, "thinking.mode"),
        (budget(5000), old, r#"{"thinkingBudget":5000}"#, ""),
        (budget(5000), new, r#"{"thinkingBudget":5000}"#, ""),
        (mode(ThinkingMode::Off), old, r#"{"thinkingBudget":0}"#, ""),
        (mode(ThinkingMode::Off), pro, r#"{"thinkingLevel":"LOW"}"#, "thinking.mode"),
        (mode(ThinkingMode::Adaptive), old, r#"{"includeThoughts":true,"thinkingBudget":-1}"#, ""),
        (mode(ThinkingMode::On), new, r#"{"includeThoughts":true}"#, ""),
        (Thinking { shown: Some(Shown::Hidden), ..mode(ThinkingMode::On) }, new, r#"{"includeThoughts":false}"#, ""),
    ];
    for (thinking, model, expected, lost) in cases {
        assert_eq!(made(&thinking, model), (expected.to_owned(), lost.to_owned()), "{thinking:?} {model}");
    }
}

#[test]
fn models_of_gemini_2_5_get_budgets_that_they_take() {
    let effort = |word: &str| Thinking { effort: Some(word.to_owned()), ..Thinking::default() };
    let budget = |tokens: u64| Thinking { budget: Some(Number::from(tokens)), ..Thinking::default() };
    let (pro, flash, lite) = ("models/gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite-preview");
    let cases = [
        (effort("none"), pro, None, 128, "thinking.mode"),
        (effort("none"), lite, None, 0, ""),
        (effort("max"), pro, None, 32_768, ""),
        (effort("max"), flash, None, 24_576, ""),
        (budget(1), pro, None, 128, "thinking.budget"),
        (budget(1), flash, None, 1, ""),
        (budget(100), lite, None, 512, "thinking.budget"),
        (budget(40_000), pro, None, 32_768, "thinking.budget"),
        (effort("high"), flash, Some(4000), 3000, ""),
        (budget(5000), flash, Some(4000), 3999, "thinking.budget"),
        (budget(3000), flash, Some(4000), 3000, ""),
        (budget(40_000), "gemini-2.0-flash-thinking", None, 40_000, ""),
    ];
    for (thinking, model, most, tokens, lost) in cases {
        let mut losses = Losses::new();
        let made = write(&thinking, model, most.map(Number::from).as_ref(), &mut losses);
        let expected = format!(r#"{{"thinkingBudget":{tokens}}}"#);
        assert_eq!((made, losses.to_string()), (Some(expected), lost.to_owned()), "{thinking:?} {model}");
    }
}
