use super::left_over;

#[test]
fn only_variables_that_lost_their_use_are_told() {
    let before = "servers: {a: {env: {A: '${A}', B: '${B:-x}', C: '${C}'}}, b: {env: {C: '${C}'}}}";
    let after = "servers: {b: {env: {C: '${C}'}}}";
    assert_eq!(left_over("A=1\nB=2\nC=3\nD=4\n", before, after), ["A", "B"]);
    assert!(left_over("", before, after).is_empty());
}
