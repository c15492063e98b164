//! The `brama` command; it decides nothing and calls the `cli` room.

use std::process::ExitCode;

fn main() -> ExitCode {
    brama::cli::main(brama::app::serve, brama::app::ask, brama::app::stamp)
}
