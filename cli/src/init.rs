//! `cannery init`: writes a commented scenario file to start from.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use crate::args::InitArgs;
use crate::atomic_file::create_with_folders;
use crate::exit::Failure;
use crate::output::print;

/// The name of the file if the path is a folder.
const STARTER: &str = include_str!("init/hello.toml");
const NAME: &str = "hello.toml";

/// Writes the starter file, and prints what to run next.
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

/// Writes the starter to a new file. A file that exists is never changed.
fn write_new(file: &Path) -> Result<(), Failure> {
    create_with_folders(file, STARTER.as_bytes()).map_err(|error| {
        Failure::Usage(match error.kind() {
            ErrorKind::AlreadyExists => format!("{} exists already, and is not changed", file.display()),
            _ => format!("cannot write {}: {error}", file.display()),
        })
    })
}
