use super::{Arm, Experiment};
use crate::sequential::{Metric, Rule};

fn experiment(weights: &[u32]) -> Experiment {
    let arms = weights.iter().enumerate().map(|(index, weight)| Arm {
        name: format!("a{index}"),
        version: format!("v{index}"),
        weight: *weight,
    });
    Experiment {
        id: "x".to_owned(),
        prompt: "p".to_owned(),
        arms: arms.collect(),
        rule: Rule { metric: Metric::Score, alpha: 0.05, most: 100 },
        started_at: 0,
        ended_at: None,
        winner: None,
    }
}

#[test]
fn a_unit_keeps_its_arm_and_the_weights_are_kept() {
    let experiment = experiment(&[3, 1]);
    let arms: Vec<usize> = (0..4_000).map(|unit| experiment.arm_of(&format!("user-{unit}"))).collect();
    let second = arms.iter().filter(|arm| **arm == 1).count();
    assert!((900..1_100).contains(&second), "{second}");
    assert!((0..4_000).all(|unit| experiment.arm_of(&format!("user-{unit}")) == arms[unit]));
    let other = Experiment { id: "y".to_owned(), ..experiment };
    assert!((0..4_000).any(|unit| other.arm_of(&format!("user-{unit}")) != arms[unit]), "each experiment deals anew");
}

#[test]
fn what_cannot_be_is_refused_and_plans_are_read_back() {
    assert!(experiment(&[1, 1]).check().is_ok());
    assert!(
        experiment(&[1]).check().is_err()
            && experiment(&[1; 6]).check().is_err()
            && experiment(&[1, 0]).check().is_err()
    );
    let mut same = experiment(&[1, 1]);
    same.arms[1].version = same.arms[0].version.clone();
    assert!(same.check().is_err());
    let unsure = Experiment { rule: Rule { metric: Metric::Score, alpha: 0.6, most: 100 }, ..experiment(&[1, 1]) };
    let short = Experiment { rule: Rule { metric: Metric::Score, alpha: 0.1, most: 1 }, ..experiment(&[1, 1]) };
    assert!(unsure.check().is_err() && short.check().is_err());
    let plain = experiment(&[2, 5, 1]);
    assert_eq!(Experiment::planned(&plain.plan()), Some((plain.arms.clone(), plain.rule)));
}
