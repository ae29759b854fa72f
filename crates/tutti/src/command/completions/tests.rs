use super::script;
use clap_complete::Shell;

#[test]
fn every_shell_gets_a_script_with_every_command() {
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
        let script = script(shell);
        for command in crate::command::ALL {
            let name = (command.arguments)().get_name().to_owned();
            assert!(script.contains(&name), "{shell} does not know {name}");
        }
    }
}
