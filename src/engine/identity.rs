//! Who a stub is, so that a reload finds it again.
//!
//! A UUID of version 8 (RFC 9562). Where stubs stand in a set, and which of them changed, is told by others.

use std::hash::{BuildHasher, Hash};

use foldhash::quality::FixedState;

use crate::model::Stub;

/// A stub of a file: its file and name, or its file and what is written of it where it has no name.
pub(super) fn written(stub: &Stub) -> String {
    let file = &stub.place.file;
    match &stub.name {
        Some(name) => hashed((file, name)),
        None => hashed((file, stub.said())),
    }
}

/// A stub added while running: its number.
pub(super) fn numbered(number: u64) -> String {
    format!("00000000-0000-8000-a000-{number:012x}")
}

/// Two hashes of 64 bits, but for the six that say that it is a UUID of this version.
fn hashed(identity: impl Hash) -> String {
    let [first, second] = [1, 2].map(|seed| FixedState::with_seed(seed).hash_one(&identity));
    let (high, middle, low) = (first >> 32, first >> 16 & 0xffff, first & 0xfff);
    format!("{high:08x}-{middle:04x}-8{low:03x}-a{:03x}-{:012x}", second >> 48 & 0xfff, second & 0xffff_ffff_ffff)
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::*;
    use crate::formats::{NoFiles, read_scenario};

    fn ids(text: &str) -> Vec<String> {
        let (scenario, _) = read_scenario(text, "a.toml", &NoFiles).expect("a scenario");
        scenario.stubs.iter().map(|stub| written(stub)).collect()
    }

    #[test]
    fn a_stub_without_a_name_is_what_it_says_wherever_it_stands() {
        let before = ids("[[stub]]\nrequest.path = '/a'\nrequest.json = {n = 1}\nresponse.delay = '5ms'\n");
        let after = ids(
            "[[stub]]\nrequest.path = '/b'\n\n[[stub]]\nresponse.delay = '5ms'\nrequest.json = {n = 1}\nrequest.path = '/a'\n",
        );

        assert_eq!(after[1], before[0]);
        assert_ne!(after[0], before[0]);
    }

    #[test]
    fn one_detail_makes_another_of_it() {
        let said = [
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
        let text: String = said.map(|line| format!("[[stub]]\nrequest.path = '/a'\n{line}\n")).concat();

        let mut ids = ids(&text);
        ids.sort_unstable();
        ids.dedup();

        assert_eq!(ids.len(), said.len());
    }

    #[test]
    fn a_name_stays_what_else_the_stub_says() {
        let one = ids("[[stub]]\nname = 'a'\nrequest.path = '/a'\n[[stub]]\nname = 'b'\nrequest.path = '/a'\n");
        let other = ids("[[stub]]\nname = 'a'\nrequest.path = '/b'\n");

        assert_eq!(one[0], other[0]);
        assert_ne!(one[0], one[1]);
        assert_eq!((&one[0][14..15], &one[0][19..20], one[0].len()), ("8", "a", 36), "a UUID of version 8");
    }
}
