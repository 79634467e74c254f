//! Reads files without blocking: a pipe may have no writer, a device may have no end, and a socket cannot be read.

use std::fmt;
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// The most bytes of one file, and of all files together that a template can name.
pub(super) const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Whether pipes and devices are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// They are read to their end, even if the writer is slow: the user has named one, such as `/dev/stdin`.
    Read,
    /// They are refused, even if one replaces a file while it is opened.
    Refuse,
}

/// The reason why a file cannot be read.
#[derive(Debug)]
pub enum ReadFault {
    /// The operating system reports an error.
    Io(io::Error),
    /// It is not a file: what it is, such as a pipe.
    NotAFile(&'static str),
    /// It has more than 64 MiB.
    TooLarge,
}

impl std::error::Error for ReadFault {}

impl fmt::Display for ReadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadFault::Io(error) => error.fmt(f),
            ReadFault::NotAFile(kind) => write!(f, "it is {kind}, not a file"),
            ReadFault::TooLarge => f.write_str("it must be at most 64 MiB"),
        }
    }
}

impl From<io::Error> for ReadFault {
    fn from(error: io::Error) -> ReadFault {
        ReadFault::Io(error)
    }
}

/// Reads a whole file of at most 64 MiB.
///
/// # Errors
/// If it cannot be read, is too large, or is not a file.
pub fn read_whole(path: &Path, streams: Streams) -> Result<Vec<u8>, ReadFault> {
    let mut file = open(path, streams)?;
    let length = file.metadata()?.len();
    if length > MAX_BYTES {
        return Err(ReadFault::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // The file may grow while it is read, and a device may report a length of 0.
    file.by_ref().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        Err(ReadFault::TooLarge)
    } else {
        Ok(bytes)
    }
}

fn open(path: &Path, streams: Streams) -> Result<File, ReadFault> {
    let refused = |kind: FileType| match (non_file_kind(kind), streams) {
        (Some("a pipe" | "a device"), Streams::Read) | (None, _) => Ok(()),
        (Some(kind), _) => Err(ReadFault::NotAFile(kind)),
    };
    // Opening a device can have effects, so its type is checked first.
    refused(fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    if streams == Streams::Refuse {
        set_nonblocking(&mut options);
    }
    let file = options.open(path)?;
    // Something else may have replaced it since the check.
    refused(file.metadata()?.file_type())?;
    Ok(file)
}

/// Returns the kind of something that is not a file, such as "a pipe".
pub(super) fn non_file_kind(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        return None;
    }
    if kind.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

/// Sets `O_NONBLOCK`: a pipe without a writer opens at once. For files it changes nothing.
#[cfg(unix)]
fn set_nonblocking(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    // The value is part of the system's ABI. Other systems rely on the check before the file is opened.
    const NONBLOCK: i32 = if cfg!(all(
        any(target_os = "linux", target_os = "android"),
        not(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc", target_arch = "sparc64"))
    )) {
        0o4000
    } else if cfg!(any(target_vendor = "apple", target_os = "freebsd", target_os = "netbsd", target_os = "openbsd")) {
        0x4
    } else {
        0
    };
    options.custom_flags(NONBLOCK);
}

#[cfg(not(unix))]
fn set_nonblocking(_: &mut OpenOptions) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_that_takes_a_files_place_is_not_waited_for() {
        let folder = std::env::temp_dir().join(format!("cannery-pipe-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let pipe = folder.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());

        let mut options = OpenOptions::new();
        options.read(true);
        set_nonblocking(&mut options);
        let opened = options.open(&pipe).expect("it opens without a writer");
        assert_eq!(non_file_kind(opened.metadata().expect("metadata").file_type()), Some("a pipe"));
        assert!(matches!(read_whole(&pipe, Streams::Refuse), Err(ReadFault::NotAFile("a pipe"))));
        assert!(matches!(read_whole(&folder, Streams::Read), Err(ReadFault::NotAFile("a folder"))));
        let _ = fs::remove_dir_all(&folder);
    }
}
