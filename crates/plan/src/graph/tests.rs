use super::Graph;
use std::collections::BTreeSet;

fn graph(needs: &[&[usize]]) -> Result<Graph, Vec<usize>> {
    Graph::made_of(needs.iter().map(|needs| needs.iter().copied().collect()).collect())
}

#[test]
fn steps_come_behind_what_they_need() {
    let graph = graph(&[&[2], &[], &[1], &[], &[0, 3]]).unwrap();
    assert_eq!(graph.order, [1, 2, 0, 3, 4]);
    assert_eq!(graph.waves(), [vec![1, 3], vec![2], vec![0], vec![4]]);
    assert_eq!(graph.ancestors()[4], BTreeSet::from([0, 1, 2, 3]));
    assert_eq!(graph.ancestors()[3], BTreeSet::new());
}

#[test]
fn a99_a_circle_is_found_and_told() {
    assert_eq!(graph(&[&[0]]).unwrap_err(), [0]);
    let circle: BTreeSet<usize> = graph(&[&[], &[0, 3], &[1], &[2], &[3]]).unwrap_err().into_iter().collect();
    assert_eq!(circle, BTreeSet::from([1, 2, 3]));
}

#[test]
fn the_critical_path_is_the_chain_that_takes_longest() {
    let graph = graph(&[&[], &[], &[0], &[1], &[2, 3]]).unwrap();
    assert_eq!(graph.critical_path(&[1, 1, 5, 3, 1]), [0, 2, 4]);
    assert_eq!(graph.critical_path(&[1, 4, 5, 3, 1]), [1, 3, 4]);
    assert_eq!(graph.tails(&[1, 4, 5, 3, 1]), [7, 8, 6, 4, 1]);
    assert!(Graph::default().critical_path(&[]).is_empty());
}
