//! `cannery completions` and `cannery man`: shell completions and manual pages, generated from the arguments.

use std::io;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::atomic_file;
use crate::exit::Failure;
use crate::output::{print, print_text};

/// Prints a completion script.
pub fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "cannery", &mut script);
    print_text(&format!("{}\n", String::from_utf8_lossy(&script).trim_end()));
    Ok(ExitCode::SUCCESS)
}

/// Writes or prints the manual pages.
pub fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    let mut whole = Args::command().disable_help_subcommand(true);
    whole.build();
    let pages: Vec<Man> = whole.get_subcommands().chain([&whole]).cloned().map(Man::new).collect();
    for page in pages {
        let mut text = Vec::new();
        page.render(&mut text).map_err(Failure::System)?;
        match &args.folder {
            Some(folder) => {
                let path = folder.join(page.get_filename());
                let write = || {
                    std::fs::create_dir_all(folder)?;
                    atomic_file::replace(&path, &text, None)
                };
                write()
                    .map_err(|error: io::Error| Failure::Usage(format!("cannot write {}: {error}", path.display())))?;
                print(path.display());
            }
            None => print_text(&format!("{}\n", String::from_utf8_lossy(&text).trim_end())),
        }
    }
    Ok(ExitCode::SUCCESS)
}
