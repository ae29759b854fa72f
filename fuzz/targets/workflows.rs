//! Workflow files: read, planned, drawn and told of. A plan that was written is read as the same, and what a file means does
//! not change when it is printed and read again.

use super::input;
use workflow::select::Select;
use workflow::{Nothing, Plan, Source, cron, draw, explain, printed, read};

pub(crate) fn feed(data: &[u8]) {
    let Some([text, way, times]) = input::texts(data) else { return };
    if let Ok(select) = Select::parse(way) {
        assert_eq!(Select::parse(select.written()).as_ref(), Ok(&select), "a way is not read again");
    }
    if let Ok(cron) = cron::Cron::parse(times) {
        let next = cron.next_after(1_700_000_000);
        assert!(next.is_some_and(|next| next > 1_700_000_000), "a schedule that never comes");
    }
    let Ok(workflows) = read("fuzz.yaml", text) else { return };
    for workflow in workflows {
        let again = read("again.yaml", &printed(&workflow));
        assert_eq!(again.as_deref(), Ok(std::slice::from_ref(&workflow)), "printed, it means something else");
        let Ok(plan) = Plan::of(&workflow, &Source::new("fuzz.yaml", text), &Nothing) else { continue };
        let written = plan.to_json().unwrap_or_default();
        assert_eq!(Plan::from_json(&written).as_ref(), Ok(&plan), "a plan is not read again");
        let drawn = [draw::ascii(&plan), draw::mermaid(&plan), draw::svg(&plan), explain::explanation(&plan)];
        assert!(drawn.iter().all(|text| !text.is_empty()), "a picture is empty");
    }
}
