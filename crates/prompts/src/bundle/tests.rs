use super::Bundle;

fn of(text: &str, partials: &[(&str, &str)]) -> Bundle {
    let partials = partials.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Bundle { text: text.to_owned(), partials }
}

#[test]
fn a_digest_is_of_all_that_is_rendered_and_of_nothing_twice() {
    let all = [
        of("a", &[]),
        of("ab", &[]),
        of("a", &[("b", "")]),
        of("a", &[("b", "c")]),
        of("a", &[("bc", "")]),
        of("a\n1\nb", &[]),
    ];
    let digests: std::collections::HashSet<String> = all.iter().map(Bundle::digest).collect();
    assert_eq!(digests.len(), all.len());
    assert_eq!(of("a", &[("b", "c")]).digest(), of("a", &[("b", "c")]).digest());
    assert_eq!(all[0].digest().len(), 64);
}
