//! The seed of the random values of an answer.

/// Identifies one answer. The same call of the same stub draws the same values, in any order of other requests.
#[derive(Debug, Clone, Copy)]
pub struct Seed<'a> {
    /// The seed of the server.
    pub base: u64,
    /// The stub's identity.
    pub id: &'a str,
    /// How often the stub has answered before.
    pub call: u64,
}

impl Seed<'_> {
    /// Returns the initial state of a generator (FNV-1a).
    pub(super) fn value(self) -> u64 {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for part in [&self.base.to_le_bytes()[..], self.id.as_bytes(), &self.call.to_le_bytes()] {
            for byte in part {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        hash
    }
}
