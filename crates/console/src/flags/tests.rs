use super::super::schema::{Parameter, parameters};
use super::{Words, missing, read};
use base::Code;
use serde_json::{Value, json};

fn tool() -> Vec<Parameter> {
    parameters(&json!({
        "properties": {
            "path": {"type": "string"},
            "max_results": {"type": "integer"},
            "dryRun": {"type": "boolean"},
            "no-cache": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "filter": {"type": "object"},
            "unit": {"enum": ["celsius", "kelvin"]},
            "url": {"type": "string"},
            "a_b": {}, "a-b": {},
            "more": {"anyOf": [{"type": "boolean"}, {"type": "string"}]},
        },
        "required": ["path", "unit"],
    }))
}

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn words_become_arguments() {
    let cases: Vec<(&[&str], Value)> = vec![
        (&[], json!({})),
        (&["--path", "x"], json!({"path": "x"})),
        (&["--path=x=y"], json!({"path": "x=y"})),
        (&["--path", "-5"], json!({"path": "-5"})),
        (&["--path", "-"], json!({"path": "-"})),
        (&["--path=--x"], json!({"path": "--x"})),
        (&["--path="], json!({"path": ""})),
        (&["--max-results", "5"], json!({"max_results": 5})),
        (&["--max_results", "5"], json!({"max_results": 5})),
        (&["--maxResults=-5"], json!({"max_results": -5})),
        (&["--dry-run"], json!({"dryRun": true})),
        (&["--dryRun"], json!({"dryRun": true})),
        (&["--dry-run", "false"], json!({"dryRun": false})),
        (&["--dry-run=false"], json!({"dryRun": false})),
        (&["--no-dry-run"], json!({"dryRun": false})),
        (&["--no-dry_run", "--path", "x"], json!({"dryRun": false, "path": "x"})),
        (&["--no-cache"], json!({"no-cache": true})),
        (&["--no-no-cache"], json!({"no-cache": false})),
        (&["--tags", "a", "--tags=b,c"], json!({"tags": ["a", "b", "c"]})),
        (&["--filter", "{\"a\": 1}"], json!({"filter": {"a": 1}})),
        (&["--unit", "kelvin"], json!({"unit": "kelvin"})),
        (&["--url", "https://example.com"], json!({"url": "https://example.com"})),
        (&["--more"], json!({"more": true})),
        (&["--more", "--dry-run"], json!({"more": true, "dryRun": true})),
        (&["--more", "false"], json!({"more": false})),
        (&["--more=perhaps"], json!({"more": "perhaps"})),
        (&["--no-more"], json!({"more": false})),
        (&["--a_b", "1", "--a-b", "2"], json!({"a_b": 1, "a-b": 2})),
    ];
    for (line, expected) in cases {
        let read = read("mcp://s/t", &tool(), &words(line)).unwrap();
        assert_eq!(Value::Object(read.arguments), expected, "{line:?}");
    }
}

#[test]
fn options_of_the_command_are_taken_where_the_tool_has_none_of_the_name() {
    let line = words(&["--json", "--timeout", "5s", "-q", "--args={}", "--help"]);
    let read_here = read("t", &tool(), &line).unwrap();
    let expected = Words {
        args: Some("{}".to_owned()),
        timeout: Some("5s".to_owned()),
        help: true,
        json: true,
        quiet: true,
        ..Words::default()
    };
    assert_eq!(read_here, expected);
    let own = parameters(&json!({"properties": {"json": {"type": "boolean"}, "timeout": {"type": "integer"}}}));
    let read_there = read("t", &own, &words(&["--json", "--timeout", "5", "-h"])).unwrap();
    assert!(!read_there.json && read_there.timeout.is_none() && read_there.help);
    assert_eq!(Value::Object(read_there.arguments), json!({"json": true, "timeout": 5}));
}

#[test]
fn wrong_words_are_refused_with_what_was_meant() {
    let cases: Vec<(&[&str], &str, &str)> = vec![
        (&["--pth", "x"], "t has no flag --pth", "did you mean --path?"),
        (&["--max-result", "5"], "no flag --max-result", "did you mean --max-results?"),
        (&["--jsn"], "no flag --jsn", "did you mean --json?"),
        (&["--zzzzzz"], "no flag --zzzzzz", "--path"),
        (&["--view", "v"], "no flag --view", "before the address"),
        (&["--no-path"], "no flag --no-path", ""),
        (&["--path"], "--path needs a value", "--path=VALUE"),
        (&["--path", "--dry-run"], "--path needs a value", ""),
        (&["--timeout"], "--timeout needs a value", ""),
        (&["--path", "a", "--path", "b"], "--path stands there 2 times", "once"),
        (&["--dry-run=perhaps"], "--dry-run takes true or false", ""),
        (&["--no-dry-run=true"], "takes no value", "--dry-run=false"),
        (&["--aB", "1"], "no flag --aB", ""),
        (&["stray"], "`stray` belongs to no flag", "--path TEXT"),
        (&["--"], "`--` belongs to no flag", ""),
        (&["-x"], "`-x` belongs to no flag", ""),
        (&["--\u{1b}[31mx"], "no flag --x", ""),
    ];
    for (line, message, next) in cases {
        let errors = read("t", &tool(), &words(line)).unwrap_err();
        assert_eq!(errors[0].code(), Code::Usage);
        assert!(errors[0].message().contains(message), "{line:?}: {errors:?}");
        assert!(errors[0].next().contains(next), "{line:?}: {errors:?}");
    }
}

#[test]
fn all_faults_come_at_once_and_none_twice() {
    let line = words(&["--pth", "x", "--max-results", "many", "--unit", "kelvn", "more"]);
    let errors = read("t", &tool(), &line).unwrap_err();
    assert_eq!(errors.len(), 4, "{errors:?}");
    let help = read("t", &tool(), &words(&["--pth", "x", "--help"]));
    assert!(help.unwrap().help);
}

#[test]
fn a_tool_without_arguments_says_so() {
    let errors = read("t", &[], &words(&["--path", "x"])).unwrap_err();
    assert!(errors[0].next().contains("no arguments"), "{errors:?}");
}

#[test]
fn what_is_missing_is_named_together() {
    let given = json!({"path": "x"});
    let error = missing("mcp://s/t", &tool(), given.as_object().unwrap()).unwrap();
    assert_eq!(error.message(), "mcp://s/t needs --unit TEXT");
    let error = missing("mcp://s/t", &tool(), json!({}).as_object().unwrap()).unwrap();
    assert_eq!(error.message(), "mcp://s/t needs --path TEXT and --unit TEXT");
    assert_eq!(error.code(), Code::Usage);
    assert!(error.next().contains("tutti tool call mcp://s/t --help"));
    let whole = json!({"path": "x", "unit": null});
    assert!(missing("mcp://s/t", &tool(), whole.as_object().unwrap()).is_none());
}
