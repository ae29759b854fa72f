use super::{Case, Outcome, Suite, to_xml};

#[test]
fn texts_of_strangers_stay_texts() {
    let case = |name, outcome| Case { name, class: "w", took: 1_500, outcome };
    let failed = Outcome::Failed("it is <this> & \"that\"".to_owned(), "a\u{0}b\nc".to_owned());
    let broken = Outcome::Broken("no".to_owned(), "none".to_owned());
    let first = Suite { name: "s<1>", cases: vec![case("a", Outcome::Passed), case("b", failed)] };
    let one = to_xml(std::slice::from_ref(&first));
    assert!(
        one.contains("<testsuites name=\"s&lt;1&gt;\" tests=\"2\" failures=\"1\" errors=\"0\" time=\"3.000\">"),
        "{one}"
    );
    assert!(one.contains("<testcase name=\"a\" classname=\"w\" time=\"1.500\"/>"), "{one}");
    let told = "<failure message=\"it is &lt;this&gt; &amp; &quot;that&quot;\">a\u{fffd}b&#10;c</failure>";
    assert!(one.contains(told), "{one}");
    let both = to_xml(&[first, Suite { name: "s2", cases: vec![case("c", broken)] }]);
    assert!(both.contains("<testsuites name=\"tutti\" tests=\"3\" failures=\"1\" errors=\"1\""), "{both}");
    assert_eq!((both.matches("<testsuite ").count(), both.matches("</testsuite>").count()), (2, 2));
    assert!(both.contains("<error message=\"no\">none</error>"), "{both}");
}
