//! The JSON Schema of a scenario file: it has the reader's keys, accepts what the reader accepts, and
//! refuses what the reader refuses as far as a schema can express it.

#![cfg(feature = "files")]
#![allow(missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cannery::formats::{NoFiles, SCHEMA, read_scenario};
use jsonschema::Validator;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// For each closed table of the schema, a file with an unknown key in that table. The reader's help lists
/// the known keys.
const PROBES: [(&str, &str); 19] = [
    ("", "qqqqqqqqqqqq = 1"),
    ("stub", "[[stub]]\nqqqqqqqqqqqq = 1"),
    ("request", "[[stub]]\nrequest.qqqqqqqqqqqq = 1"),
    ("path", "[[stub]]\nrequest.path = { template = '/', qqqqqqqqqqqq = 1 }"),
    ("basic_auth", "[[stub]]\nrequest.basic_auth = { username = 'a', password = 'b', qqqqqqqqqqqq = 1 }"),
    ("part", "[[stub]]\nrequest.multipart.a.qqqqqqqqqqqq = 1"),
    ("matcher", "[[stub]]\nrequest.body.qqqqqqqqqqqq = 1"),
    ("response", "[[stub]]\nresponse.qqqqqqqqqqqq = 1"),
    ("delay", "[[stub]]\nresponse.delay = { uniform = ['1s', '2s'], qqqqqqqqqqqq = 1 }"),
    ("lognormal", "[[stub]]\nresponse.delay.lognormal = { median = '1s', sigma = 1, qqqqqqqqqqqq = 1 }"),
    ("dribble", "[[stub]]\nresponse = { text = 'a', dribble = { chunks = 1, over = '1s', qqqqqqqqqqqq = 1 } }"),
    ("expect", "[[stub]]\nexpect = { min = 1, qqqqqqqqqqqq = 1 }"),
    ("representation", "[representation]\nqqqqqqqqqqqq = 1"),
    ("xml_form", "[representation.xml]\nroot = 'a'\nqqqqqqqqqqqq = 1"),
    ("batch", "[[stub]]\nbatch = { items = '$', results = 'a', case = [{ result = 1 }], qqqqqqqqqqqq = 1 }"),
    ("case", "[[stub]]\nbatch = { items = '$', results = 'a', case = [{ result = 1, qqqqqqqqqqqq = 1 }] }"),
    ("example", "[[example]]\nrequest.url = '/'\nresponse.status = 200\nqqqqqqqqqqqq = 1"),
    ("example_request", "[[example]]\nrequest = { url = '/', qqqqqqqqqqqq = 1 }\nresponse.status = 200"),
    ("example_response", "[[example]]\nrequest.url = '/'\nresponse = { status = 200, qqqqqqqqqqqq = 1 }"),
];

#[test]
fn every_table_has_the_keys_that_the_reader_accepts() {
    let schema = schema();
    let probes = BTreeMap::from(PROBES);
    let tables = closed_tables(&schema);
    assert_eq!(tables.keys().copied().collect::<Vec<_>>(), probes.keys().copied().collect::<Vec<_>>());

    for (name, table) in tables {
        let properties = table["properties"].as_object().expect("properties");

        let known: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let read = keys_of_reader(probes[name]);
        assert_eq!(known, read.iter().map(String::as_str).collect(), "the table {name:?}, schema and reader");
    }
}

#[test]
fn every_key_is_described() {
    let schema = schema();

    for (name, table) in closed_tables(&schema) {
        for (key, property) in table["properties"].as_object().expect("properties") {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(description.ends_with('.') || description.ends_with('`'), "{name}.{key}: {description:?}");
        }
    }
}

#[test]
fn every_keyword_is_one_of_draft_4() {
    let newer = ["const", "if", "then", "else", "contains", "propertyNames", "examples", "$defs", "$id", "$anchor"];

    // Below `properties`, such a word is a key of the format.
    for (name, table) in closed_tables(&schema()) {
        let properties = table["properties"].as_object().expect("properties");
        for place in properties.values().chain([table]) {
            let used = newer.iter().find(|keyword| place.get(**keyword).is_some());
            assert_eq!(used, None, "{name}: {place}");
        }
    }
    assert_eq!(schema()["$schema"], "http://json-schema.org/draft-04/schema#");
}

#[test]
fn every_shipped_scenario_is_valid() {
    let mut files = vec![PathBuf::from("tests/formats_valid.toml")];
    for folder in fs::read_dir("scenarios").expect("the scenarios") {
        files.extend(toml_files(&folder.expect("an entry").path()));
    }
    assert!(files.len() > 5, "{files:?}");

    for file in files {
        let scenario = json_of(&file).expect("TOML");
        let faults: Vec<_> =
            validator().iter_errors(&scenario).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{}: {faults:#?}", file.display());
    }
}

#[test]
fn every_shipped_scenario_names_the_schema() {
    for folder in fs::read_dir("scenarios").expect("the scenarios") {
        for file in toml_files(&folder.expect("an entry").path()) {
            let text = fs::read_to_string(&file).expect("a scenario");
            let named = text.lines().next().and_then(|line| line.strip_prefix("#:schema "));
            let named = file.parent().expect("a folder").join(named.unwrap_or_else(|| panic!("{}", file.display())));
            assert_eq!(fs::read_to_string(&named).expect("a schema"), SCHEMA, "{}", named.display());
        }
    }
}

#[test]
fn a_bad_file_is_refused_if_a_schema_can_express_the_rule() {
    let listed = fs::read_to_string("tests/schema-accepts").expect("the list");
    let listed: BTreeSet<&str> = listed.lines().filter(|line| !line.starts_with('#')).collect();
    let validator = validator();

    let mut accepted = BTreeSet::new();
    for file in toml_files(Path::new("tests/bad")) {
        if json_of(&file).is_some_and(|scenario| validator.is_valid(&scenario)) {
            accepted.insert(file.file_stem().expect("a name").to_string_lossy().into_owned());
        }
    }

    assert_eq!(
        accepted.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        listed,
        "the accepted bad files must be those that are listed"
    );
}

fn schema() -> Value {
    serde_json::from_str(SCHEMA).expect("JSON")
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).expect("a JSON Schema")
}

/// Returns the tables with a fixed set of keys, by the name of their definition. The whole file is "".
fn closed_tables(schema: &Value) -> BTreeMap<&str, &Value> {
    let definitions = schema["definitions"].as_object().expect("definitions");
    let all = definitions.iter().map(|(name, definition)| (name.as_str(), definition)).chain([("", schema)]);
    let closed: BTreeMap<_, _> = all.filter(|(_, definition)| definition.get("properties").is_some()).collect();
    for (name, definition) in &closed {
        assert_eq!(definition["additionalProperties"], false, "{name} takes any key");
    }
    closed
}

/// Returns the keys that the reader's diagnostic of an unknown key lists.
fn keys_of_reader(probe: &str) -> BTreeSet<String> {
    let diagnostics = read_scenario(probe, "probe.toml", &NoFiles).expect_err("an unknown key");
    let unknown = diagnostics.iter().find(|fault| fault.message.contains("`qqqqqqqqqqqq`"));
    let help = unknown.and_then(|fault| fault.help.as_deref()).unwrap_or_else(|| panic!("{probe}: {diagnostics:?}"));
    let (_, keys) = help.split_once(" are ").unwrap_or_else(|| panic!("{help}"));
    keys.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

/// Returns a file as JSON, as an editor validates it; `None` if it is not TOML.
fn json_of(file: &Path) -> Option<Value> {
    let text = fs::read_to_string(file).expect("a file");
    let table = DeTable::parse(&text).ok()?;
    Some(object(table.get_ref()))
}

fn object(table: &DeTable<'_>) -> Value {
    let members = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
    Value::Object(members.collect::<Map<_, _>>())
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(whole) => Value::from(whole),
            Err(_) => Value::from(integer.as_str().parse::<f64>().expect("a number")),
        },
        DeValue::Float(float) => Value::from(float.as_str().parse::<f64>().expect("a number")),
        DeValue::Boolean(truth) => Value::from(*truth),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}
