//! Opening a page in a person's browser.

use base::environment::Environment;
use std::process::{Command, Stdio};

/// Opens `url`, and says whether that could be tried. No shell reads it: the address is one argument of a program.
pub fn open(environment: &Environment, url: &str) -> bool {
    let screen =
        ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| environment.get(name).is_some_and(|it| !it.is_empty()));
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if screen {
        ("xdg-open", &[])
    } else {
        return false;
    };
    let quiet = || Stdio::null();
    let child = Command::new(program).args(arguments).arg(url).stdin(quiet()).stdout(quiet()).stderr(quiet()).spawn();
    child.is_ok()
}
