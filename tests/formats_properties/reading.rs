//! Printing a stub, and reading any text.

use std::sync::LazyLock;

use cannery::formats::{Diagnostics, NoFiles, SCHEMA, Syntax, print_stub, read_scenario, read_stub};
use cannery::model::{Json, Place, Stub};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use proptest::sample::select;

use super::stubs::stub;
use super::{OneFile, VALID};

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = Json::parse(SCHEMA.as_bytes()).expect("JSON").to_serde();
    jsonschema::validator_for(&schema).expect("a JSON Schema")
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stub_that_is_printed_and_read_again_is_unchanged(stub in stub()) {
        let printed = print_stub(&stub).to_string();

        let read = read_stub(&printed, Syntax::Json, "printed", "another", &OneFile);

        let read = read.map(|(read, _)| Stub { place: Place::default(), ..read });
        prop_assert_eq!(read, Ok(stub), "{}", printed);
    }

    #[test]
    fn a_stub_that_the_reader_accepts_is_valid_by_the_schema(stub in stub()) {
        let file = Json::from([("stub", Json::Array(vec![print_stub(&stub)]))]).to_serde();

        let fault = VALIDATOR.validate(&file).err().map(|fault| fault.to_string());
        prop_assert_eq!(fault, None, "{}", file);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*", syntax in select(vec![Syntax::Toml, Syntax::Json])) {
        let _ = read_scenario(&text, "f.toml", &NoFiles).map_err(|diagnostics| Diagnostics(diagnostics).render(true));
        let _ = read_stub(&text, syntax, "f", "m", &NoFiles);
    }

    #[test]
    fn no_damage_makes_the_reader_panic(cut in 0..VALID.len(), length in 0_usize..40, put in "[\\[\\]{}=.\"'\na-zé0-9#,-]{0,12}") {
        let mut text = VALID.to_owned();
        let boundary = |place: usize| (0..=place.min(VALID.len())).rev().find(|place| VALID.is_char_boundary(*place));
        text.replace_range(boundary(cut).unwrap_or(0)..boundary(cut + length).unwrap_or(0), &put);

        let _ = read_scenario(&text, "f.toml", &NoFiles).map_err(|diagnostics| Diagnostics(diagnostics).render(false));
    }

    #[test]
    fn no_misplaced_value_makes_the_reader_panic(
        key in select(vec!["name", "request", "response.headers", "stub", "request.path", "example", "request.json_path", "stub.batch"]),
        value in select(vec!["1", "''", "[]", "{}", "[{}]", "{ a = {} }", "2031-01-01", "inf", "true", "[[1]]", "{ len = {} }"]),
    ) {
        for text in [format!("{key} = {value}"), format!("[[stub]]\n{key} = {value}"), format!("[[example]]\n{key} = {value}")] {
            let _ = read_scenario(&text, "f.toml", &NoFiles).map_err(|diagnostics| Diagnostics(diagnostics).render(false));
        }
    }
}
