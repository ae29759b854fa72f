//! Starts the program; all else is in the library.

/// Requests allocate and free many small pieces, which this does in less time than the allocator of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tutti::main()
}
