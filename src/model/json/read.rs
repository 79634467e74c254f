//! Reads JSON text: all of it, or what a projection keeps.

use super::projection::Projection;
use super::value::{Json, JsonFault};
use super::{fast_reader, serde_reader};

impl Json {
    /// Reads one JSON value (RFC 8259) and nothing after it.
    ///
    /// # Errors
    /// Fails if the text is not JSON, or nests deeper than 128 levels.
    pub fn parse(text: &[u8]) -> Result<Json, JsonFault> {
        Projection::Whole.read(text)
    }
}

impl Projection {
    /// Reads a text like [`Json::parse`], and keeps only the needed values.
    ///
    /// # Errors
    /// The errors of [`Json::parse`].
    pub fn read(&self, text: &[u8]) -> Result<Json, JsonFault> {
        fast_reader::read(text, self).map_or_else(|| serde_reader::read(text, self), Ok)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use proptest::sample::select;

    use super::*;

    /// JSON with few names, so that needed names occur often, and sometimes twice.
    fn text() -> impl Strategy<Value = String> {
        let leaf = select(vec![
            "1",
            "1.0",
            "-2e3",
            "\"a\"",
            "\"\\u00e9\"",
            "true",
            "null",
            "\"x\\n\"",
            "18446744073709551615",
        ]);
        leaf.prop_map(str::to_owned).prop_recursive(4, 32, 4, |inner| {
            let member = (select(vec!["a", "b", "c", "\\u0061"]), inner.clone());
            prop_oneof![
                vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                vec(member, 0..4).prop_map(|members| {
                    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                    format!("{{{}}}", members.join(", "))
                }),
            ]
        })
    }

    fn projection() -> impl Strategy<Value = Projection> {
        Just(Projection::Whole).prop_recursive(3, 8, 3, |inner| {
            vec((select(vec!["a", "b", "c"]), inner), 0..3).prop_map(|members| {
                let mut all = Projection::NOTHING;
                members.into_iter().for_each(|(name, projection)| all.add(&projection.below(name)));
                all
            })
        })
    }

    proptest! {
        #[test]
        fn what_includes_a_part_does_so_in_what_is_read_for_it(whole in text(), part in text()) {
            let (whole, part) = (whole.as_bytes(), Json::parse(part.as_bytes()).expect("JSON"));

            let read = Projection::to_include(&part).read(whole).expect("JSON");

            assert_eq!(read.includes(&part), Json::parse(whole).expect("JSON").includes(&part));
        }

        #[test]
        fn what_is_read_for_two_serves_both(whole in text(), one in projection(), part in text()) {
            let (whole, part) = (whole.as_bytes(), Json::parse(part.as_bytes()).expect("JSON"));
            let mut both = one.clone();
            both.add(&Projection::to_include(&part));

            assert!(both.covers(&one) && both.covers(&Projection::to_include(&part)));
            let read = both.read(whole).expect("JSON");
            assert_eq!(read.includes(&part), Json::parse(whole).expect("JSON").includes(&part));
        }

        #[test]
        fn what_is_not_json_is_told_in_the_same_words(
            text in text(), projection in projection(), at in any::<proptest::sample::Index>(),
            instead in select(vec!["", "}", "]", "\"", "\\", ",", "1e999", "\\ud800", "\u{1}", "[", ":", "nul", "0"]),
        ) {
            let mut broken = text.into_bytes();
            let at = at.index(broken.len());
            broken.splice(at..=at, instead.bytes());

            assert_eq!(projection.read(&broken).err(), Json::parse(&broken).err());
        }

        #[test]
        fn bytes_that_are_not_text_are_told_too(text in text(), projection in projection(), at in any::<proptest::sample::Index>()) {
            let mut broken = text.into_bytes();
            let at = at.index(broken.len());
            broken[at] = 0xff;

            assert_eq!(projection.read(&broken).err(), Json::parse(&broken).err());
        }
    }

    #[test]
    fn nesting_is_limited_where_nobody_looks_too() {
        let deep = format!("{{\"x\": {}{}}}", "[".repeat(200), "]".repeat(200));

        assert_eq!(Projection::NOTHING.read(deep.as_bytes()).err(), Json::parse(deep.as_bytes()).err());
    }
}
