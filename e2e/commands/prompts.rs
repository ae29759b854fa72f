//! Questions: asked on a terminal only, and only a yes is a yes.

use super::run::{desk, on_terminal, put};
use crate::harness::{Run, Setup, trials};
use libtest_mimic::Trial;

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::prompts":
        answer_decides_what_is_written,
        question_shows_the_change_first,
    )
}

const CONFIGURATION: &str = "servers:\n  files: {builtin: files}\n";

fn configured() -> Setup {
    let setup = desk();
    put(&setup, "tutti.yaml", CONFIGURATION);
    setup
}

fn said(setup: &Setup) -> String {
    std::fs::read_to_string(setup.path("tutti.yaml")).expect("there is a configuration")
}

async fn answer_decides_what_is_written() {
    for (typed, written) in
        [("y\n", true), ("\n", true), ("YES\n", true), ("n\n", false), ("what?\n", false), ("\u{4}", false)]
    {
        let setup = configured();
        let Some(run) = on_terminal(&setup, "server add time -- true", &[], typed).await else { return };
        assert_eq!(run.code, Some(i32::from(!written)), "{typed:?}: {run:?}");
        assert_eq!(said(&setup) != CONFIGURATION, written, "{typed:?}: {run:?}");
        assert_eq!(run.stdout.contains("nothing was written"), !written, "{typed:?}: {run:?}");
    }
}

async fn question_shows_the_change_first() {
    for line in ["server add time -- true", "server remove files", "connect cursor", "--quiet server remove files"] {
        let setup = configured();
        let Some(run) = on_terminal(&setup, line, &[("NO_COLOR", "1")], "n\n").await else { return };
        let Run { code, stdout, .. } = &run;
        let (change, question) = (stdout.find("+++ "), stdout.find("[Y/n]"));
        assert!(change.is_some() && change < question, "{line}: {run:?}");
        assert_eq!((*code, said(&setup).as_str()), (Some(1), CONFIGURATION), "{line}: {run:?}");
        assert!(!setup.path("home/.cursor").exists(), "{line}: {run:?}");
    }
}
