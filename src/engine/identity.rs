//! Who a stub is, so that a reload finds it again.
//!
//! A UUID of version 8 (RFC 9562). Where stubs stand in a set, and which of them changed, is told by others.

use std::hash::{Hash, Hasher};

use crate::message::Sha256;
use crate::model::Stub;

/// A stub of a file: its file and name, or its file and what it says where it has no name.
pub(super) fn written(stub: &Stub) -> String {
    let mut identity = Identity(Sha256::new());
    let file = &stub.place.file;
    match &stub.name {
        Some(name) => (file, name).hash(&mut identity),
        None => (file, stub.said()).hash(&mut identity),
    }
    let [first, second, third, fourth, ..] = identity.0.words();
    let (middle, last) = (second & 0xfff, third >> 16 & 0xfff);
    format!("{first:08x}-{:04x}-8{middle:03x}-a{last:03x}-{:04x}{fourth:08x}", second >> 16, third & 0xffff)
}

/// A stub added while running: its number.
pub(super) fn numbered(number: u64) -> String {
    format!("00000000-0000-8000-a000-{number:012x}")
}

/// Takes in what a value hashes.
struct Identity(Sha256);

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let [first, second, ..] = self.0.clone().words();
        u64::from(first) << 32 | u64::from(second)
    }
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
