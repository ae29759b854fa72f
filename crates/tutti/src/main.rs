//! Starts the program; all else is in the library.

fn main() -> std::process::ExitCode {
    tutti::main()
}
