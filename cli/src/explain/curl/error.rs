//! Why a curl command cannot be read.

use std::io;

use crate::explain::shell::ShellError;

/// The reason why a curl command cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CurlError {
    /// The text is not one shell command.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// The command is not curl.
    #[error("the command must begin with `curl`")]
    NotCurl,
    /// An option is not in the table.
    #[error("curl's option `{0}` is not understood")]
    Unknown(String),
    /// An option would change the request in a way that is not supported.
    #[error("curl's option {0} is not supported: {1}")]
    Unsupported(String, &'static str),
    /// An option has no value, but needs one.
    #[error("curl's option `{0}` needs a value")]
    NoValue(String),
    /// There is no URL.
    #[error("the curl command has no URL")]
    NoUrl,
    /// The command sends several requests.
    #[error("the curl command sends several requests: {0}")]
    Several(&'static str),
    /// The URL has a pattern, which curl expands to several URLs.
    #[error(
        "curl expands `{{...}}` and `[...]` in the URL `{0}` to several requests, which is not supported: write one URL, or \
         add `-g` (`--globoff`) to send the URL as it is written"
    )]
    Glob(String),
    /// The URL is not an HTTP URL.
    #[error("curl's URL `{0}` {1}")]
    Url(String, &'static str),
    /// The value of an option is not valid.
    #[error("curl's option `{0}`: {1}")]
    Value(&'static str, String),
    /// A file cannot be read.
    #[error("the curl command reads {0}: {1}")]
    File(String, io::Error),
    /// Options exclude each other.
    #[error("curl takes only one of {0}")]
    Conflict(&'static str),
}
