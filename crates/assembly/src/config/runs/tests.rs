use super::*;
use base::config::yaml;

fn settings(text: &str) -> Result<RunSettings, String> {
    let document = yaml("tutti.yaml", text).unwrap();
    let problems = Problems::new();
    let part = document.root.get("runs").map(|entry| (&entry.node, "tutti.yaml"));
    let settings = RunSettings::read(&problems, part);
    match problems.into_result() {
        Ok(()) => Ok(settings),
        Err(errors) => Err(errors.iter().map(|error| error.message().to_owned()).collect::<Vec<_>>().join("\n")),
    }
}

#[test]
fn what_people_decide_is_read() {
    let text = "runs:\n  keep: 1d\n  own_gates: true\n  \
        approval: { effects: [unsafe, idempotent], tools: [\"mcp://shop/*\"], approvers: [ops], expires: 1h, edit: true }\n  \
        notices: { chat: { url: \"https://chat.example.com/gates\", secret: GATES, answers: true } }\n";
    let read = settings(text).unwrap();
    let approval = read.approval.unwrap();
    assert_eq!(approval.effects, [Effect::Unsafe, Effect::Idempotent]);
    assert_eq!((approval.tools, approval.approvers), (vec!["mcp://shop/*".to_owned()], vec!["ops".to_owned()]));
    assert_eq!((approval.expires, approval.edit, read.own_gates), (Some(3_600_000), true, true));
    let notice = Notice::new("chat", "https://chat.example.com/gates", "GATES", &[]).unwrap().that_answers(true);
    assert_eq!(read.notices, [notice]);
    let destructive = settings("runs: { approval: { effects: [destructive] } }").unwrap().approval.unwrap();
    assert!(destructive.destructive && destructive.effects.is_empty() && !approval.destructive);
    let usual = settings("runs: { approval: { effects: [unsafe] } }").unwrap();
    assert_eq!((usual.keep, usual.own_gates), (KEEP, false));
    assert_eq!(usual.approval.unwrap().expires, Some(7 * 86_400_000));
    assert_eq!(settings("{}").unwrap().approval, None);
}

#[test]
fn what_is_wrong_with_them_is_told() {
    for (text, part) in [
        ("{ approval: {} }", "`approval` names no calls"),
        ("{ approval: { effects: [harmful] } }", "`harmful` is no effect of a call"),
        ("{ approval: { tools: [shop__buy] } }", "`shop__buy` is no address of tools"),
        ("{ approval: { effects: [unsafe], aprovers: [ops] } }", "aprovers"),
        ("{ notices: { chat: { url: \"ftp://x\", secret: A } } }", "the address of the notice begins with neither"),
        ("{ notices: { chat: { url: \"https://x\" } } }", "secret"),
        ("{ notices: { chat: { url: \"https://x\", secret: \"a b\" } } }", "`a b` is no name of a secret"),
        ("{ notices: { \"a/b\": { url: \"https://x\", secret: A } } }", "a notice cannot have this name"),
    ] {
        let said = settings(&format!("runs: {text}")).unwrap_err();
        assert!(said.contains(part), "{text}: {said}");
    }
}
