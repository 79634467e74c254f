//! Knows which file systems cause an event for every change. Those of another machine, or of the host of a container or
//! virtual machine, do not.

use std::fs;
use std::path::{Path, PathBuf};

/// File systems that only this kernel changes, so that every change causes an event.
///
/// An overlay is not one of them: a change in a lower layer causes no event.
const LOCAL_FILE_SYSTEMS: [&str; 18] = [
    "bcachefs", "btrfs", "devtmpfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "jfs", "msdos", "ntfs3", "ramfs",
    "reiserfs", "rootfs", "tmpfs", "vfat", "xfs", "zfs",
];

/// The mount points and their file systems; empty if the system has no `/proc/self/mountinfo`.
#[derive(Debug)]
pub(super) struct Mounts(Vec<(PathBuf, String)>);

impl Mounts {
    pub(super) fn read() -> Mounts {
        Mounts::parse(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default())
    }

    fn parse(mountinfo: &str) -> Mounts {
        let mount = |line: &str| {
            let (before, after) = line.split_once(" - ")?;
            let point = before.split(' ').nth(4)?;
            Some((PathBuf::from(unescaped(point)), after.split(' ').next()?.to_owned()))
        };
        Mounts(mountinfo.lines().filter_map(mount).collect())
    }

    /// Returns the file system of a folder if it does not cause events. Links in the path must be resolved.
    pub(super) fn without_events(&self, folder: &Path) -> Option<&str> {
        // Of two mounts at one path the later hides the earlier, and `max_by_key` returns the later.
        let around = self.0.iter().filter(|(point, _)| folder.starts_with(point));
        let (_, kind) = around.max_by_key(|(point, _)| point.components().count())?;
        (!LOCAL_FILE_SYSTEMS.contains(&kind.as_str())).then_some(kind)
    }
}

/// Decodes a path: the kernel writes spaces and backslashes as three octal digits.
fn unescaped(point: &str) -> String {
    let mut parts = point.split('\\');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| match part.get(..3).map(|digits| (u8::from_str_radix(digits, 8), &part[3..])) {
        Some((Ok(byte), rest)) => path + char::from(byte).encode_utf8(&mut [0; 2]) + rest,
        _ => path + "\\" + part,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = "\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /scenarios ro shared:7 master:1 - virtiofs host ro
31 22 0:41 / /my\\040files rw - 9p host rw
32 22 0:42 / /mine rw - nfs4 server:/ rw
33 22 0:43 / /mine rw - tmpfs tmpfs rw
";

    #[test]
    fn what_is_mounted_from_elsewhere_is_silent() {
        let mounts = Mounts::parse(MOUNTINFO);

        assert_eq!(mounts.without_events(Path::new("/scenarios/groove")), Some("virtiofs"));
        assert_eq!(mounts.without_events(Path::new("/my files")), Some("9p"));
    }

    #[test]
    fn what_lies_on_a_disk_or_in_memory_is_not() {
        let mounts = Mounts::parse(MOUNTINFO);

        assert_eq!(mounts.without_events(Path::new("/scenarios-of-mine")), None);
        assert_eq!(mounts.without_events(Path::new("/mine/a")), None, "the later mount hides the earlier");
        assert_eq!(
            Mounts::parse("").without_events(Path::new("/a")),
            None,
            "where mounts are unknown, events are trusted"
        );
    }
}
