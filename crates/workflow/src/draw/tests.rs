use super::layout::{Block, block};
use super::{ascii, mermaid, svg};
use crate::explain::explanation;
use crate::tests::{planned, plans, root, text_of};

/// The pictures and the words of two examples, as they were.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the kept pictures lie in the repository, which the product does not read"
)]
fn pictures_are_as_they_were() {
    let plans = plans();
    for name in ["research_and_publish", "detailed_research", "nightly_report", "compensation_saga"] {
        let plan = &plans[name].1;
        for (ending, drawn) in
            [("txt", ascii(plan)), ("mmd", mermaid(plan)), ("svg", svg(plan)), ("words.txt", explanation(plan))]
        {
            let path = root().join(format!("crates/workflow/src/draw/tests/{name}.{ending}"));
            if std::env::var_os("TUTTI_UPDATE_SNAPSHOTS").is_some() {
                std::fs::write(&path, &drawn).unwrap();
            }
            assert!(text_of(&path) == drawn, "{name}.{ending}: run with TUTTI_UPDATE_SNAPSHOTS=1 and look");
        }
    }
}

#[test]
fn names_and_texts_are_no_markup() {
    let text = "name: a\nsteps:\n  - name: b\n    tool: \"mcp://s/<script>&\\\"]\"\n  - name: c\n    after: b\n    switch: { value: \"1\", cases: { \"</g>\\\"|\": [{ name: d, wait: 1s }] } }\n";
    let workflow = crate::read("a.yaml", text).unwrap().remove(0);
    let plan = crate::Plan::of(&workflow, &crate::Source::new("a.yaml", text), &crate::Nothing).unwrap();
    let drawn = svg(&plan);
    assert!(!drawn.contains("<script>") && !drawn.contains("case </g>"), "{drawn}");
    assert!(drawn.contains("&lt;script&gt;&amp;&quot;]"), "{drawn}");
    let chart = mermaid(&plan);
    assert!(!chart.contains("<script>") && chart.contains("#60;script#62;"), "{chart}");
}

#[test]
fn a_wait_that_follows_from_others_is_not_drawn() {
    let (_, plan) = planned(
        "name: a\nsteps:\n  - { name: one, wait: 1s }\n  - { name: two, wait: 1s, after: one }\n  - { name: three, wait: 1s, after: [one, two] }\n",
    );
    assert!(mermaid(&plan).contains("s1 --> s2") && !mermaid(&plan).contains("s0 --> s2"));
    assert_eq!(plan.steps()[2].waits.len(), 2);
}

/// No box lies over another, none sticks out, and every edge goes down.
fn is_in_order(drawn: &Block) {
    for (index, one) in drawn.boxes.iter().enumerate() {
        assert!(one.x >= -0.5 && one.y >= 0.0, "{}", one.step);
        assert!(one.x + one.width <= drawn.width + 0.5 && one.y + one.height <= drawn.height + 0.5, "{}", one.step);
        for other in &drawn.boxes[index + 1..] {
            let beside = one.x + one.width <= other.x || other.x + other.width <= one.x;
            let below = one.y + one.height <= other.y || other.y + other.height <= one.y;
            assert!(beside || below, "{} lies over {}", one.step, other.step);
        }
        for (_, x, y, inner) in &one.branches {
            assert!(*x >= 0.0 && x + inner.width <= one.width && y + inner.height <= one.height, "{}", one.step);
            is_in_order(inner);
        }
    }
    for line in &drawn.lines {
        assert!(line.points.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{} to {}", line.on, line.from);
    }
}

#[test]
fn no_box_lies_over_another() {
    for (_, plan) in plans().values() {
        is_in_order(&block(plan, &plan.roots().collect::<Vec<_>>()));
    }
    let wide: String = (0..30)
        .map(|index| {
            format!(
                "  - {{ name: s{index}, wait: 1s, after: [{}] }}\n",
                (0..index)
                    .filter(|other| (index * 7 + other * 3) % 5 == 0)
                    .map(|other| format!("s{other}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        })
        .collect();
    let (_, plan) = planned(&format!("name: a\nsteps:\n{wide}"));
    is_in_order(&block(&plan, &plan.roots().collect::<Vec<_>>()));
}
