//! `cannery init`: a scenario file to start from, which explains itself.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use crate::args::InitArgs;
use crate::atomic_file::create_with_folders;
use crate::exit::Failure;
use crate::output::print;

/// The starter, and what it is called where a folder is named.
const STARTER: &str = include_str!("init/hello.toml");
const NAME: &str = "hello.toml";

/// Writes the starter where nothing is yet.
pub fn init(args: &InitArgs) -> Result<ExitCode, Failure> {
    let file = if args.path.extension().is_some_and(|ending| ending == "toml") {
        args.path.clone()
    } else {
        args.path.join(NAME)
    };
    write_new(&file)?;
    let (shown, served) = (file.display(), args.path.display());
    print(format_args!(
        "wrote {shown}\n\n  cannery check {served}\n  cannery serve {served}\n  curl http://127.0.0.1:8080/orders/7"
    ));
    Ok(ExitCode::SUCCESS)
}

/// Writes the starter into a file of its own, never into one that is there.
fn write_new(file: &Path) -> Result<(), Failure> {
    create_with_folders(file, STARTER.as_bytes()).map_err(|error| {
        Failure::Usage(match error.kind() {
            ErrorKind::AlreadyExists => format!("{} exists already, and is not changed", file.display()),
            _ => format!("cannot write {}: {error}", file.display()),
        })
    })
}
