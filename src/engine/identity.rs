//! The identity of a stub, by which a reload finds it again: a UUID of version 8 (RFC 9562).
//!
//! `set` has the order of the stubs, and `reload` finds out which of them changed.

use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use crate::message::Sha256;
use crate::model::Stub;

/// Returns the identity of a file's stub: a hash of its file and name, or of its file and definition if it has no name.
///
/// Random values in its answers depend on it. So the identity of a stub with a name is the same on every machine and in every
/// version.
pub(super) fn file_stub_id(stub: &Stub) -> String {
    let file = stub.place.file.as_bytes();
    match &stub.name {
        Some(name) => identifier([file, name.as_bytes()]),
        None => {
            let [first, second] =
                [1, 2].map(|seed| FixedState::with_seed(seed).hash_one(stub.definition()).to_le_bytes());
            identifier([file, &[first, second].concat()])
        }
    }
}

/// Returns the identity of a stub that was added while running: its number.
pub(super) fn added_stub_id(number: u64) -> String {
    format!("00000000-0000-8000-a000-{number:012x}")
}

fn identifier(identity: [&[u8]; 2]) -> String {
    let mut hasher = Sha256::new();
    for part in identity {
        hasher.update(part);
        hasher.update(&[0]);
    }
    let [first, second, third, fourth, ..] = hasher.words();
    let (middle, last) = (second & 0xfff, third >> 16 & 0xfff);
    format!("{first:08x}-{:04x}-8{middle:03x}-a{last:03x}-{:04x}{fourth:08x}", second >> 16, third & 0xffff)
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;
    use crate::formats::{NoFiles, read_scenario};

    fn ids(text: &str) -> Vec<String> {
        let (scenario, _) = read_scenario(text, "a.toml", &NoFiles).expect("a scenario");
        scenario.stubs.iter().map(|stub| file_stub_id(stub)).collect()
    }

    #[test]
    fn a_stub_without_a_name_keeps_its_identity_wherever_it_is_in_the_file() {
        let before = ids("[[stub]]\nrequest.path = '/a'\nrequest.json = {n = 1}\nresponse.delay = '5ms'\n");
        let after = ids(
            "[[stub]]\nrequest.path = '/b'\n\n[[stub]]\nresponse.delay = '5ms'\nrequest.json = {n = 1}\nrequest.path = '/a'\n",
        );

        assert_eq!(after[1], before[0]);
        assert_ne!(after[0], before[0]);
    }

    #[test]
    fn each_changed_detail_gives_another_identity() {
        let variants = [
            "request.json = {n = 1}",
            "request.json = {n = 1.5}",
            "request.json = {n = '1'}",
            "request.json_includes = {n = 1}",
            "request.headers.n = '1'",
            "request.query.n = '1'",
            "response.delay = '5ms'",
            "response.delay = {uniform = ['5ms', '6ms']}",
            "response.delay = {lognormal = {median = '5ms', sigma = 0.5}}",
            "response.delay = {lognormal = {median = '5ms', sigma = 0.6}}",
            "response.status = 201",
            "priority = 4",
        ];
        let text: String = variants.map(|line| format!("[[stub]]\nrequest.path = '/a'\n{line}\n")).concat();

        let mut ids = ids(&text);
        ids.sort_unstable();
        ids.dedup();

        assert_eq!(ids.len(), variants.len());
    }

    #[test]
    fn a_stub_with_a_name_keeps_its_identity_when_its_definition_changes() {
        let one = ids("[[stub]]\nname = 'a'\nrequest.path = '/a'\n[[stub]]\nname = 'b'\nrequest.path = '/a'\n");
        let other = ids("[[stub]]\nname = 'a'\nrequest.path = '/b'\n");

        assert_eq!(one[0], other[0]);
        assert_ne!(one[0], one[1]);
        assert_eq!(one[0], "75ce2f5b-7143-8f19-a634-ebab2daaeb82", "as every version has it");
    }
}
