use super::Arguments;

fn parse(given: &[&str]) -> Result<Arguments, String> {
    let given: Vec<String> = given.iter().map(|&word| word.to_owned()).collect();
    Arguments::parse(&given, &["--json"], &["--rounds"], "usage").map_err(|failure| failure.message)
}

#[test]
fn flags_options_and_words_are_told_apart() {
    let arguments = parse(&["hub", "--rounds", "3", "--json"]).unwrap();
    assert!(arguments.has("--json"));
    assert_eq!(arguments.value("--rounds"), Some("3"));
    assert_eq!(arguments.words(), ["hub"]);
}

#[test]
fn what_is_unknown_or_incomplete_is_refused() {
    assert_eq!(parse(&["--jsn"]).unwrap_err(), "--jsn is not known here");
    assert_eq!(parse(&["--rounds"]).unwrap_err(), "--rounds needs a value");
}
