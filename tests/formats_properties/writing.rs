//! Writing stubs as TOML.

use bytes::Bytes;
use cannery::formats::{BodyFiles, Diagnostics, FileFault, ScenarioHead, print_stub, read_scenario, write_scenario};
use cannery::model::{
    Body, Delivery, ElementOrder, Json, Matcher, Place, Repeat, Representation, RequestPattern, Response, Stub,
    StubAnswer, XmlForm,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::responses::unsent;
use super::stubs::stub;
use super::values::{named, word};
use super::{CONTENT, OneFile, VALID};

fn plain_stub(request: RequestPattern, answer: StubAnswer) -> Stub {
    Stub {
        name: None,
        priority: Stub::DEFAULT_PRIORITY,
        when_state: None,
        then_state: None,
        state_machine: "m".to_owned(),
        on_demand: false,
        expect: None,
        vars: Vec::new(),
        request,
        answer,
        place: Place::default(),
    }
}

/// Makes the names of stubs unique, as they must be in a file.
fn with_unique_names(stubs: Vec<Stub>) -> Vec<Stub> {
    let numbered = stubs.into_iter().enumerate();
    numbered.map(|(number, stub)| Stub { name: stub.name.map(|name| format!("{name} {number}")), ..stub }).collect()
}

/// Any string, often with control characters that a terminal obeys.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a\"'\\\\ \n\r\t\u{0}\u{1b}\u{7f}\u{9b}\u{202e}\u{2028}é👋=#.\\[{]{0,12}"]
}

fn representation() -> impl Strategy<Value = Representation> {
    let order = prop_oneof![
        Just(ElementOrder::AsWritten),
        Just(ElementOrder::Ordinal),
        named(word(), vec(word(), 0..3)).prop_map(ElementOrder::Given),
    ];
    let names = || named("[a-w][a-z]{0,3}", word());
    let xml =
        (word(), option::of(word()), names(), names(), order).prop_map(|(root, namespace, prefixes, lists, order)| {
            let mut form = XmlForm::new(root).order(order);
            (form.namespace, form.prefixes, form.lists) = (namespace, prefixes, lists);
            form
        });
    (option::of(word()), option::of(xml)).prop_map(|(parameter, xml)| {
        let mut representation = Representation::default();
        (representation.parameter, representation.xml) = (parameter, xml);
        representation
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stubs_that_are_written_as_toml_and_read_again_are_unchanged(stubs in vec(stub(), 1..4), form in representation(), state in option::of(word())) {
        let stubs = with_unique_names(stubs);
        let machine = stubs[0].state_machine.clone();
        let head = ScenarioHead { name: &machine, initial_state: state.as_deref().unwrap_or("Started"), representation: &form };

        let written = write_scenario(head, &stubs.iter().collect::<Vec<_>>());

        match written {
            Err(error) => {
                let printed: String = stubs.iter().map(|stub| print_stub(stub).to_string()).collect();
                prop_assert_eq!(&error.reason, "a TOML value must not be null", "{}", error.at);
                prop_assert!(printed.contains("null"), "{}", printed);
            }
            Ok(text) => {
                #[cfg(feature = "check")]
                prop_assert_eq!(cannery::formats::format_scenario(text.clone().into_bytes(), "a.toml").expect("TOML"), text.clone());
                let (scenario, _) = read_scenario(&text, "a.toml", &OneFile).map_err(|diagnostics| format!("{}\n{text}", Diagnostics(diagnostics))).expect("a scenario");
                let read: Vec<Stub> = scenario.stubs.iter().map(|stub| Stub { place: Place::default(), ..(**stub).clone() }).collect();
                prop_assert_eq!(read, stubs, "{}", text);
                prop_assert_eq!(scenario.name, machine);
                prop_assert_eq!(scenario.initial_state, state.unwrap_or_else(|| "Started".to_owned()));
                prop_assert_eq!(&*scenario.representation, &form);
            }
        }
    }

    #[test]
    fn every_text_is_written_as_toml_without_terminal_control_characters(
        name in any_text(),
        text in any_text(),
        long in "[a-z\"'\\\\\n]{90,140}",
    ) {
        let body = Json::from([(name.as_str(), Json::from(text.as_str())), ("long", Json::from(long.as_str()))]);
        let members = Json::Object([(name.clone(), Json::Null), ("long".to_owned(), Json::from(long.as_str()))].into());
        for body in [Body::Json(body.clone()), Body::Document(members), Body::Text(text.clone()), Body::Xml(long.clone())] {
            let mut response = Response::default().template(false);
            response.body = Some(body);
            let request = RequestPattern { query: vec![(name.clone(), Matcher::equals(text.as_str()))], ..RequestPattern::default() };
            let stub = plain_stub(request, StubAnswer::Responses(vec![response.clone(), response], Repeat::Last));
            let form = Representation::default();

            let head = ScenarioHead { name: "m", initial_state: "Started", representation: &form };
            let written = write_scenario(head, &[&stub]).expect("it can be written");

            prop_assert!(!written.chars().any(|c| c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}')), "{:?}", written);
            let (scenario, _) = read_scenario(&written, "a.toml", &OneFile).map_err(|diagnostics| format!("{}\n{written}", Diagnostics(diagnostics))).expect("a scenario");
            prop_assert_eq!(&Stub { place: Place::default(), ..(*scenario.stubs[0]).clone() }, &stub, "{}", written);
        }
    }
}

/// Has a file of every name.
struct AnyFile;

impl BodyFiles for AnyFile {
    fn read(&self, _: &str) -> Result<Bytes, FileFault> {
        Ok(Bytes::from_static(CONTENT))
    }

    fn under(&self, folder: &str) -> Result<Vec<(String, Bytes)>, FileFault> {
        Ok(vec![(format!("{folder}a.json"), Bytes::from_static(CONTENT))])
    }
}

/// Collects the paths and texts of the files below a folder whose names have this ending.
fn texts_below(folder: &str, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.to_str().expect("a name").to_owned();
        if path.is_dir() {
            texts_below(&name, ending, found);
        } else if name.ends_with(ending) {
            found.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
}

/// Removes from an answer what it inherits from its file but never sends because of its fault.
fn without_unsent_parts(answer: &StubAnswer) -> StubAnswer {
    let sent = |response: &Response| match response.delivery {
        Some(Delivery::Fault(fault)) if !fault.sends_response() => unsent(response.delay, response.delivery),
        _ => response.clone(),
    };
    match answer {
        StubAnswer::Response(response) => StubAnswer::Response(sent(response)),
        StubAnswer::Responses(all, repeat) => StubAnswer::Responses(all.iter().map(sent).collect(), *repeat),
        StubAnswer::Batch(batch, frame) => StubAnswer::Batch(batch.clone(), sent(frame)),
    }
}

/// Returns the scenarios in the code fences of a page.
fn fences(page: &str) -> impl Iterator<Item = &str> {
    page.split("\n```toml ").skip(1).filter_map(|after| after.split_once('\n')?.1.split("\n```").next())
}

#[test]
fn every_scenario_of_the_repository_that_is_written_and_read_again_is_unchanged() {
    let mut texts = vec![("tests/formats_valid.toml".to_owned(), VALID.to_owned())];
    texts_below("scenarios", ".toml", &mut texts);
    texts_below("tests/warnings", ".toml", &mut texts);
    let mut pages = Vec::new();
    texts_below("docs", ".md", &mut pages);
    for (name, page) in &pages {
        texts.extend(fences(page).map(|fence| (name.clone(), fence.to_owned())));
    }
    let mut written = 0;
    for (name, text) in texts {
        let Ok((scenario, _)) = read_scenario(&text, "a.toml", &AnyFile) else { continue };
        let stubs: Vec<&Stub> = scenario.stubs.iter().map(|stub| &**stub).collect();
        let head = ScenarioHead {
            name: &scenario.name,
            initial_state: &scenario.initial_state,
            representation: &scenario.representation,
        };

        let again = write_scenario(head, &stubs).unwrap_or_else(|error| panic!("{name}: {error}"));

        let (read, _) = read_scenario(&again, "a.toml", &AnyFile)
            .unwrap_or_else(|diagnostics| panic!("{name}: {}\n{again}", Diagnostics(diagnostics)));
        let without_place =
            |stub: &Stub| Stub { place: Place::default(), answer: without_unsent_parts(&stub.answer), ..stub.clone() };
        let read_stubs: Vec<Stub> = read.stubs.iter().map(|stub| without_place(stub)).collect();
        assert_eq!(read_stubs, stubs.into_iter().map(without_place).collect::<Vec<_>>(), "{name}:\n{again}");
        assert_eq!((&read.name, &read.initial_state), (&scenario.name, &scenario.initial_state));
        assert_eq!(read.representation, scenario.representation, "{name}:\n{again}");
        written += 1;
    }
    assert!(written >= 60, "only {written} scenarios");
}
