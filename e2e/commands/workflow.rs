//! Workflows without running them: listed, checked, drawn, explained, and tested offline.

use super::run::{desk, on_terminal, put, run, run_line};
use crate::harness::{Run, Setup, trials};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::workflow":
        examples_are_valid_and_their_tests_pass,
        every_fault_is_told_with_its_place,
        a_case_that_fails_shows_what_differs,
        a_run_that_was_exported_is_replayed_offline,
        the_older_form_stands_in_the_configuration,
        a_file_needs_no_configuration,
        pictures_words_and_schema_are_printed,
        a_run_is_a_tree_where_a_person_looks_and_lines_elsewhere,
    )
}

/// A workflow with tests, in `flows/`, which calls this tool.
pub(super) fn put_report(setup: &Setup, tool: &str) {
    put_report_of(setup, tool, "");
}

/// The same, with this line behind its name.
pub(super) fn put_report_of(setup: &Setup, tool: &str, line: &str) {
    let workflow = "name: report\ndescription: Counts the lines of a folder that name a topic.\nparams:\n  topic: { type: string }\n\
        steps:\n  - name: search\n    tool: TOOL\n    inputs: { pattern: \"{{ params.topic }}\" }\n\
        \x20 - name: sum_up\n    tool: model_call\n    memory: { budget: 500, needs: [{ from: tool_output(search), select: \"$.matches[*].text\", as: lines }] }\n\
        \x20   inputs: { prompt: \"Sum up: {{ memory.lines }}\" }\noutput: \"{{ steps.sum_up.output }}\"\n";
    let tests = "cases:\n  - name: lines are summed up\n    params: { topic: caches }\n    answers:\n\
        \x20     search: { value: { matches: [{ text: Caches keep results. }, { text: Caches grow stale. }], other: long } }\n\
        \x20     sum_up: { value: In short., takes: 2s }\n    expect:\n      output: In short.\n      calls: { sum_up: { with: { prompt: grow stale } } }\n      time: 2s\n";
    let workflow = workflow.replace("TOOL", tool).replacen("name: report\n", &format!("name: report\n{line}"), 1);
    put(setup, "flows/report.yaml", &workflow);
    put(setup, "flows/report.test.yaml", tests);
}

/// The built-in files, and the workflows of a folder.
pub(super) const CONFIGURATION: &str = "workflows: [\"flows/*.yaml\"]\nservers: { files: { builtin: files } }\n";

/// A folder with a configuration.
fn configured(text: &str) -> Setup {
    let setup = desk();
    put(&setup, "tutti.yaml", text);
    setup
}

#[track_caller]
fn document(run: &Run, exit: i32) -> Value {
    assert_eq!(run.code, Some(exit), "{run:?}");
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/workflows")
}

async fn examples_are_valid_and_their_tests_pass() {
    let setup = desk();
    for entry in std::fs::read_dir(examples()).expect("there are examples").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("an example can be read");
        put(&setup, &entry.file_name().into_string().expect("the name is text"), &text);
    }
    let valid = document(&run_line(&setup, "--json workflow validate").await, 0);
    assert_eq!((&valid["valid"], &valid["errors"]), (&json!(true), &json!([])), "{valid}");
    let workflows = valid["workflows"].as_array().expect("a list");
    assert!(workflows.len() >= 10, "{valid}");
    let without: Vec<&Value> = workflows.iter().filter(|one| one["tests"].is_null()).map(|one| &one["name"]).collect();
    assert_eq!(without, ["summarise_with_a_person"], "one file holds two workflows, and tests are of one");
    let listed = document(&run_line(&setup, "--json workflow list").await, 0);
    let nightly = listed["workflows"].as_array().expect("a list").iter().find(|one| one["name"] == "nightly_report");
    let nightly = nightly.expect("it is listed");
    assert_eq!((&nightly["schedules"], &nightly["webhooks"]), (&json!(["30 5 * * mon-fri"]), &json!(["report-now"])));
    let tested = run_line(&setup, "--json workflow test --junit out.xml").await;
    let tested = document(&tested, 0);
    assert_eq!((&tested["ok"], &tested["failed"]), (&json!(true), &json!(0)), "{tested}");
    assert_eq!(tested["files"].as_array().expect("a list").len(), workflows.len() - without.len());
    let report = std::fs::read_to_string(setup.path("out.xml")).expect("the report is written");
    let (cases, passed) = (tested["passed"].as_u64().expect("a number"), report.matches("<testcase ").count());
    assert!(cases > 25 && passed as u64 == cases && !report.contains("<failure"), "{report}");
    let people = run_line(&setup, "workflow test research_and_publish").await;
    assert!(people.stdout.contains("tokens of context") && people.stdout.contains("8 of 8 passed"), "{people:?}");
}

async fn every_fault_is_told_with_its_place() {
    let setup = configured(CONFIGURATION);
    put_report(&setup, "mcp://files/search_files");
    put(
        &setup,
        "flows/a.yaml",
        "name: a\nsteps:\n  - { name: x, tool: \"mcp://files/reed_file\", inputs: { path: y } }\n",
    );
    put(&setup, "flows/b.yaml", "name: b\nsteps:\n  - name: x\n    workflow: reprot\n");
    put(&setup, "flows/c.yaml", "name: c\nsteps: [{ name: x, workflow: c }]\n");
    let run = run_line(&setup, "workflow validate").await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("ok report  flows/report.yaml  2 steps, read, 1 tests"), "{run:?}");
    for expected in [
        "T-1105 flows/a.yaml:3:22: there is no tool `mcp://files/reed_file`",
        "next: did you mean `mcp://files/read_file`?",
        "3 |   - { name: x, tool: \"mcp://files/reed_file\"",
        "T-1105 flows/b.yaml:4:15: there is no workflow `reprot`",
        "next: did you mean `report`?",
        "T-1104 flows/c.yaml:2:30: the workflow runs itself: `c` → `c`",
    ] {
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    let told = document(&run_line(&setup, "--json workflow validate flows/a.yaml").await, 3);
    assert_eq!((&told["valid"], &told["errors"][0]["code"]), (&json!(false), &json!("T-1105")), "{told}");
    assert_eq!(told["errors"].as_array().expect("a list").len(), 1, "only what was named is told of: {told}");
    let listed = run_line(&setup, "workflow list").await;
    assert!(listed.code == Some(0) && listed.stdout.contains("1 faults"), "{listed:?}");
    // Faults of tests are faults, too.
    put(&setup, "flows/report.test.yaml", "cases: [{ answers: { serch: { value: 1 } } }]\n");
    let run = run_line(&setup, "workflow validate flows/report.yaml").await;
    assert!(run.code == Some(3) && run.stderr.contains("did you mean `search`?"), "{run:?}");
    put(&setup, "flows/d.yaml", "name: d\nsteps: {}\n");
    let run = run_line(&setup, "workflow list").await;
    assert!(run.code == Some(3) && run.stderr.contains("flows/d.yaml:2:8"), "{run:?}");
    // Faults of form, and of a configuration, hide none of the others.
    let run = run_line(&setup, "workflow validate").await;
    for expected in ["flows/d.yaml:2:8", "flows/a.yaml:3:22", "flows/c.yaml:2:30"] {
        assert!(run.code == Some(3) && run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    put(&setup, "alone.yaml", "name: alone\nsteps: [{ name: x, set: { y: \"{{ params.z }}\" } }]\n");
    let run = run_line(&setup, "workflow validate alone.yaml").await;
    for expected in ["flows/d.yaml:2:8", "alone.yaml:2:34: there is no parameter `z`"] {
        assert!(run.code == Some(3) && run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
}

async fn a_case_that_fails_shows_what_differs() {
    let setup = configured(CONFIGURATION);
    put_report(&setup, "mcp://files/search_files");
    let tests = "cases:\n  - name: it differs\n    params: { topic: caches }\n    answers: { search: { value: { matches: [] } }, sum_up: { value: [one, two, three] } }\n\
        \x20   expect: { output: [one, 2, three], time: 1s }\n  - name: it lacks an answer\n    params: { topic: caches }\n";
    put(&setup, "flows/report.test.yaml", tests);
    let run = run_line(&setup, "workflow test report --junit out.xml").await;
    assert_eq!(run.code, Some(10), "{run:?}");
    for expected in [
        "failed it differs  succeeded after",
        "output: expected (-), and there is (+)",
        "-   2,",
        "+   \"two\",",
        "time.at_least",
        "`search`: mcp://files/search_files is called, and the case says nothing of it",
        "|   \"pattern\": \"caches\"",
        "0 of 2 passed",
    ] {
        assert!(run.stdout.contains(expected), "{expected}: {}", run.stdout);
    }
    assert!(run.stderr.contains("T-1113"), "{run:?}");
    let report = std::fs::read_to_string(setup.path("out.xml")).expect("the report is written");
    assert!(report.contains("failures=\"1\" errors=\"1\""), "{report}");
    let words = ["--json", "workflow", "test", "flows/report.test.yaml", "--case", "it difers"];
    let one = document(&super::run::run(&setup, &words).await, 2);
    assert_eq!(one["error"]["next"], "did you mean `it differs`?", "{one}");
    let one =
        super::run::run(&setup, &["--json", "workflow", "test", "flows/report.yaml", "--case", "it differs"]).await;
    let one = document(&one, 10);
    assert_eq!((&one["failed"], &one["files"][0]["cases"][0]["mismatches"][0]["what"]), (&json!(1), &json!("output")));
    let none = run_line(&setup, "workflow test reprot").await;
    assert!(none.code == Some(5) && none.stderr.contains("did you mean `report`?"), "{none:?}");
}

async fn a_run_that_was_exported_is_replayed_offline() {
    let setup = configured(CONFIGURATION);
    let text = "name: look\nsteps:\n  - { name: list, tool: \"mcp://files/list_directory\", inputs: { path: . } }\n\
        \x20 - { name: read, tool: \"mcp://files/read_file\", inputs: { path: none }, after: [list], on_error: continue }\n\
        output: { list: \"{{ steps.list.output }}\", code: \"{{ steps.read.error.code }}\" }\n";
    put(&setup, "flows/look.yaml", text);
    let ran = run_line(&setup, "--json workflow run look").await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let listed = document(&run_line(&setup, "--json run list").await, 0);
    let id = listed["runs"][0]["id"].as_str().expect("there is a run");
    let exported = run_line(&setup, &format!("run export {id}")).await;
    assert_eq!(exported.code, Some(0), "{exported:?}");
    put(&setup, "flows/run.json", &exported.stdout);
    let export: Value = serde_json::from_str(&exported.stdout).expect("it is JSON");
    let last = export["journal"].as_array().and_then(|entries| entries.last()).expect("it has an end");
    // The file that was added since is in no recording.
    let tests = format!("cases:\n  - recorded: run.json\n    expect: {{ output: {} }}\n", last["payload"]);
    put(&setup, "flows/look.test.yaml", &tests);
    let tested = run_line(&setup, "workflow test look").await;
    assert!(tested.code == Some(0) && tested.stdout.contains("1 of 1 passed"), "{tested:?} {export}");
}

async fn the_older_form_stands_in_the_configuration() {
    let setup = configured(
        "main_llm: { provider: near, model: m }\nmodels: { providers: { near: { url: \"http://127.0.0.1:1/v1\" } } }\n\
         workflows:\n  ask: { params: [user_prompt], steps: [{ name: a, tool: model_call, inputs: { prompt: \"{{ params.user_prompt }}\" } }] }\n",
    );
    let listed = document(&run_line(&setup, "--json workflow list").await, 0);
    assert_eq!(
        (&listed["workflows"][0]["name"], &listed["workflows"][0]["file"]),
        (&json!("ask"), &json!("tutti.yaml"))
    );
    put(
        &setup,
        "two.yaml",
        "workflows:\n  a: { steps: [{ name: x, wait: 1s }] }\n  b: { steps: [{ name: x, wait: 1s }] }\n",
    );
    let run = run_line(&setup, "workflow graph two.yaml").await;
    assert!(run.code == Some(2) && run.stderr.contains("say which with `--name`: `a`, `b`"), "{run:?}");
    let run = run_line(&setup, "workflow explain two.yaml --name b").await;
    assert!(run.code == Some(0) && run.stdout.starts_with("b: 1 steps, pure"), "{run:?}");
}

async fn a_file_needs_no_configuration() {
    let setup = desk();
    put(&setup, "w.yaml", "name: w\nsteps: [{ name: x, tool: \"mcp://anything/goes\", inputs: { a: 1 } }]\n");
    let run = run_line(&setup, "workflow validate w.yaml").await;
    assert!(run.code == Some(0) && run.stdout.contains("ok w  w.yaml  1 steps, unsafe"), "{run:?}");
    let empty = run_line(&setup, "workflow list").await;
    assert!(empty.code == Some(0) && empty.stderr.contains("there are no workflows"), "{empty:?}");
    let none = run_line(&setup, "workflow test").await;
    assert!(none.code == Some(3) && none.stderr.contains("T-1112"), "{none:?}");
}

async fn pictures_words_and_schema_are_printed() {
    let setup = configured(CONFIGURATION);
    put_report(&setup, "mcp://files/search_files");
    for (format, expected) in [("ascii", "search"), ("mermaid", "flowchart"), ("svg", "<svg")] {
        let drawn = run_line(&setup, &format!("workflow graph report --format {format}")).await;
        assert!(drawn.code == Some(0) && drawn.stdout.contains(expected), "{drawn:?}");
        let told = document(&run_line(&setup, &format!("--json workflow graph report --format {format}")).await, 0);
        assert_eq!(told["graph"].as_str().map(str::trim_end), Some(drawn.stdout.trim_end()), "{format}");
    }
    let explained = run_line(&setup, "workflow explain report").await;
    assert!(explained.stdout.contains("for `search`:"), "{explained:?}");
    let schema: Value = document(&run(&setup, &["workflow", "schema"]).await, 0);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/workflow.schema.json");
    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(kept).expect("it is published")).expect("it is JSON");
    assert_eq!(schema, kept);
}

async fn a_run_is_a_tree_where_a_person_looks_and_lines_elsewhere() {
    const OVER: &str = "\u{1b}[J";
    let setup = configured(CONFIGURATION);
    put(
        &setup,
        "flows/look.yaml",
        "name: look\nsteps:\n  - { name: list, tool: \"mcp://files/list_directory\", inputs: { path: . } }\n\
         \x20 - { name: again, tool: \"mcp://files/list_directory\", inputs: { path: . }, after: [list] }\n\
         output: \"it is {{ 6 * 7 }}\"\n",
    );
    let lines = run_line(&setup, "workflow run look").await;
    assert_eq!((lines.code, lines.stdout.trim()), (Some(0), "it is 42"), "{lines:?}");
    assert!(!lines.stderr.contains('\u{1b}') && lines.stderr.contains("again  done"), "{lines:?}");
    let Some(tree) = on_terminal(&setup, "workflow run look", &[], "").await else { return };
    assert!(tree.code == Some(0) && tree.stdout.contains(OVER) && tree.stdout.contains("it is 42"), "{tree:?}");
    let last = tree.stdout.rsplit(OVER).next().expect("there is a last one");
    assert!(last.contains("✓ list") && last.contains("✓ again") && last.contains("look  succeeded"), "{tree:?}");
    assert!(last.contains("\u{1b}[32m") && !tree.stdout.contains("again  done"), "{tree:?}");
    for (line, environment) in [
        ("workflow run look", ("TERM", "dumb")),
        ("--json workflow run look", ("X", "1")),
        ("--quiet workflow run look", ("X", "1")),
    ] {
        let Some(plain) = on_terminal(&setup, line, &[environment], "").await else { return };
        assert!(plain.code == Some(0) && !plain.stdout.contains(OVER), "{line}: {plain:?}");
    }
}
