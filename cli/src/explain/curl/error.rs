//! Why a text is not a curl command that is understood.

use std::io;

use crate::explain::shell::ShellError;

/// Why a text is no curl command that can be understood.
#[derive(Debug, thiserror::Error)]
pub enum CurlError {
    /// Not one command of a shell.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// Another command.
    #[error("the command must begin with `curl`")]
    NotCurl,
    /// An option that is not in the table.
    #[error("curl's option `{0}` is not understood")]
    Unknown(String),
    /// An option that curl has, and that is not supported here.
    #[error("curl's option {0} is not supported: {1}")]
    Unsupported(String, &'static str),
    /// An option without the value that it needs.
    #[error("curl's option `{0}` needs a value")]
    NoValue(String),
    /// No URL.
    #[error("the curl command has no URL")]
    NoUrl,
    /// Several requests at once.
    #[error("the curl command sends several requests: {0}")]
    Several(&'static str),
    /// A URL that curl expands.
    #[error(
        "curl expands `{{...}}` and `[...]` in the URL `{0}` to several requests, which is not supported: write one URL, or \
         add `-g` (`--globoff`) to send the URL as it is written"
    )]
    Glob(String),
    /// A URL that cannot be asked by HTTP.
    #[error("curl's URL `{0}` {1}")]
    Url(String, &'static str),
    /// A value that cannot be taken.
    #[error("curl's option `{0}`: {1}")]
    Value(&'static str, String),
    /// A file that cannot be read.
    #[error("the curl command reads {0}: {1}")]
    File(String, io::Error),
    /// Options that exclude each other.
    #[error("curl takes only one of {0}")]
    Conflict(&'static str),
}
