//! The mark of a fence, parsed from its info string.
//!
//! CONTRIBUTING.md has a table of the marks.

/// What the test does with a fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A file in the page's folder. For TOML, `cannery check` must end with this code.
    File { path: String, check: i32 },
    /// A scenario for which `cannery check` must end with this code. The file is not kept.
    Scenario { check: i32 },
    /// Commands, which must end with this code.
    Commands { exit: i32 },
    /// The command of a server, which runs until the next server or the end of the page.
    Serve,
    /// The output of the commands before it on both streams.
    Printed,
    /// Lines that the server has printed one after another.
    Log,
    /// A command of the README or its output, which `tests/readme` runs.
    Readme,
    /// Rust that `cargo test --doc` compiles and runs.
    Rust,
    /// Lines for the manifest of a user's crate.
    Manifest,
    /// Rust that uses another crate, for comparison. It is not run.
    Foreign,
    /// Not run, with the reason.
    Skip(String),
}

impl Mark {
    /// Parses an info string. The mark of the fence before it decides whose output `printed` is.
    ///
    /// # Errors
    /// If the mark is not known.
    pub fn read(info: &str, before: Option<&Mark>) -> Result<Mark, String> {
        let unknown = || format!("a fence marked `{info}`: CONTRIBUTING.md has the marks that are known");
        let (language, rest) = info.split_once(' ').unwrap_or((info, ""));
        if let Some(why) = rest.strip_prefix("skip=\"").and_then(|rest| rest.strip_suffix('"')) {
            return if why.is_empty() { Err(unknown()) } else { Ok(Mark::Skip(why.to_owned())) };
        }
        let words: Vec<&str> = rest.split_whitespace().collect();
        let code = |word: &str, key: &str| word.strip_prefix(key).and_then(|code| code.parse().ok());
        match (language, words.as_slice()) {
            ("toml", ["manifest"]) => Ok(Mark::Manifest),
            ("rust", []) => Ok(Mark::Rust),
            ("rust,ignore", []) => Ok(Mark::Foreign),
            ("sh", ["curl"]) => Ok(Mark::Readme),
            ("sh", ["serve"]) => Ok(Mark::Serve),
            ("sh", []) => Ok(Mark::Commands { exit: 0 }),
            ("sh", [exit]) if code(exit, "exit=").is_some() => {
                Ok(Mark::Commands { exit: code(exit, "exit=").unwrap_or_default() })
            }
            ("toml", ["scenario"]) => Ok(Mark::Scenario { check: 0 }),
            ("toml", ["scenario", check]) if code(check, "check=").is_some() => {
                Ok(Mark::Scenario { check: code(check, "check=").unwrap_or_default() })
            }
            (_, [file]) if file.starts_with("file=") => Ok(Mark::File { path: file[5..].to_owned(), check: 0 }),
            ("toml", [file, check]) if file.starts_with("file=") && code(check, "check=").is_some() => {
                Ok(Mark::File { path: file[5..].to_owned(), check: code(check, "check=").unwrap_or_default() })
            }
            ("text" | "json" | "xml" | "html", ["printed"]) => match before {
                Some(Mark::Commands { .. } | Mark::Serve) => Ok(Mark::Printed),
                Some(Mark::Readme) => Ok(Mark::Readme),
                _ => Err(format!("a fence marked `{info}` follows no commands")),
            },
            ("text", ["log"]) => Ok(Mark::Log),
            _ => Err(unknown()),
        }
    }
}
