//! A rendered document. Its constant parts stay in the compiled response and are serialised once.

use std::borrow::Cow;

use bytes::Bytes;
use once_cell::sync::OnceCell;
use serde_core::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::budget::{self, Exceeded};
use crate::model::{Json, is_plain, is_xml_name};

use super::charge::{self, Ledger};

/// A constant value, which is serialised once.
#[derive(Debug)]
pub(super) struct ConstantJson {
    json: Json,
    serialized: OnceCell<Vec<u8>>,
}

/// The name of a member.
#[derive(Debug)]
pub(super) struct MemberName {
    text: String,
    serialized: Vec<u8>,
    /// Whether an element of XML can have this name, for any declared prefixes.
    names_element: bool,
}

impl ConstantJson {
    pub(super) fn new(json: Json) -> ConstantJson {
        ConstantJson { json, serialized: OnceCell::new() }
    }

    pub(super) fn json(&self) -> &Json {
        &self.json
    }

    /// The value as JSON, without the members that are null.
    fn serialized(&self) -> &[u8] {
        self.serialized.get_or_init(|| {
            let mut serialized = Vec::new();
            write_value(&self.json, &mut serialized);
            serialized
        })
    }
}

impl MemberName {
    pub(super) fn new(text: &str) -> MemberName {
        let mut serialized = Vec::with_capacity(text.len() + 3);
        write_name(text, &mut serialized);
        MemberName { text: text.to_owned(), serialized, names_element: names_element(text) }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// A member of this name.
    pub(super) fn with<'t>(&'t self, value: RenderedValue<'t>) -> Member<'t> {
        Member { name: Cow::Borrowed(&self.text), known: Some(self), value }
    }

    /// Whether an element of XML can have this name, for any declared prefixes.
    pub(super) fn names_element(&self) -> bool {
        self.names_element
    }
}

/// A value with rendered parts.
#[derive(Debug)]
pub(super) enum RenderedValue<'t> {
    /// A value without templates.
    Constant(&'t ConstantJson),
    /// A part of a value without templates.
    Part(&'t Json),
    /// The result of a conversion.
    Converted(Json),
    /// A string.
    Text(String),
    /// A list.
    Array(Vec<RenderedValue<'t>>),
    /// Members in order.
    Object(Vec<Member<'t>>),
}

/// A member of an object.
#[derive(Debug)]
pub(super) struct Member<'t> {
    pub(super) name: Cow<'t, str>,
    /// The precomputed facts about the name.
    pub(super) known: Option<&'t MemberName>,
    pub(super) value: RenderedValue<'t>,
}

impl<'t> RenderedValue<'t> {
    /// Returns the value if it is a tree of JSON already.
    fn json(&self) -> Option<&Json> {
        match self {
            RenderedValue::Constant(fixed) => Some(&fixed.json),
            RenderedValue::Part(json) => Some(json),
            RenderedValue::Converted(json) => Some(json),
            RenderedValue::Text(_) | RenderedValue::Array(_) | RenderedValue::Object(_) => None,
        }
    }

    fn is_null(&self) -> bool {
        self.json() == Some(&Json::Null)
    }

    fn is_object(&self) -> bool {
        matches!(self, RenderedValue::Object(_)) || matches!(self.json(), Some(Json::Object(_)))
    }

    /// Returns the members for changing, if it is an object.
    pub(super) fn members(&mut self) -> Option<&mut Vec<Member<'t>>> {
        let part = |(name, value): &'t (String, Json)| Member {
            name: Cow::Borrowed(name),
            known: None,
            value: RenderedValue::Part(value),
        };
        let member =
            |(name, value)| Member { name: Cow::Owned(name), known: None, value: RenderedValue::Converted(value) };
        match self {
            RenderedValue::Constant(ConstantJson { json: Json::Object(members), .. })
            | RenderedValue::Part(Json::Object(members)) => {
                *self = RenderedValue::Object(members.iter().map(part).collect());
            }
            RenderedValue::Converted(Json::Object(members)) => {
                *self = RenderedValue::Object(std::mem::take(members).into_iter().map(member).collect());
            }
            _ => {}
        }
        match self {
            RenderedValue::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Sets a member, or merges the two if both are objects.
    pub(super) fn merge(&mut self, mut member: Member<'t>) {
        let Some(members) = self.members() else { return };
        // After a refusal the answer is never sent, so it may lack the member.
        if !budget::spend(1 + members.len()) {
            return;
        }
        match members.iter_mut().find(|known| known.name == member.name) {
            None => members.push(member),
            Some(old) if old.value.is_object() && member.value.is_object() => {
                let inner = member.value.members().map(std::mem::take).unwrap_or_default();
                inner.into_iter().for_each(|member| old.value.merge(member));
            }
            Some(old) => old.value = member.value,
        }
    }

    /// Returns the value as a tree of JSON. The copy of a constant is charged.
    ///
    /// # Errors
    /// If copying exceeds a limit.
    pub(super) fn into_json(self) -> Result<Json, Exceeded> {
        let copy = |json: &Json| charge::bytes(charge::size_of_copy(json)).map(|()| json.clone());
        match self {
            RenderedValue::Constant(fixed) => copy(&fixed.json),
            RenderedValue::Part(json) => copy(json),
            RenderedValue::Converted(json) => Ok(json),
            RenderedValue::Text(text) => Ok(Json::String(text)),
            RenderedValue::Array(items) => {
                items.into_iter().map(RenderedValue::into_json).collect::<Result<_, _>>().map(Json::Array)
            }
            RenderedValue::Object(members) => {
                let member = |member: Member<'_>| Ok((member.name.into_owned(), member.value.into_json()?));
                members.into_iter().map(member).collect::<Result<_, _>>().map(Json::Object)
            }
        }
    }

    /// Writes the value as compact JSON.
    ///
    /// # Errors
    /// If writing exceeds a limit.
    pub(super) fn to_bytes(&self, nulls: Nulls) -> Result<Bytes, Exceeded> {
        let mut writer = JsonWriter { out: Vec::with_capacity(512), ledger: Ledger::default(), nulls };
        writer.value(self)?;
        Ok(writer.out.into())
    }
}

/// Whether null members of a document are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    Kept,
    LeftOut,
}

struct JsonWriter {
    out: Vec<u8>,
    ledger: Ledger,
    nulls: Nulls,
}

impl JsonWriter {
    fn value(&mut self, value: &RenderedValue<'_>) -> Result<(), Exceeded> {
        self.ledger.credit(charge::NODE);
        match value {
            RenderedValue::Constant(fixed) if self.nulls == Nulls::LeftOut => {
                self.out.extend_from_slice(fixed.serialized())
            }
            RenderedValue::Constant(fixed) => self.json(&fixed.json),
            RenderedValue::Part(json) => self.json(json),
            RenderedValue::Converted(json) => {
                self.ledger.credit(charge::size_of_copy(json));
                self.json(json);
            }
            RenderedValue::Text(text) => {
                self.ledger.credit(text.len());
                write_text(text, &mut self.out);
            }
            RenderedValue::Array(items) => {
                self.out.push(b'[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        self.out.push(b',');
                    }
                    self.value(item)?;
                }
                self.out.push(b']');
            }
            RenderedValue::Object(members) => self.members(members)?,
        }
        self.ledger.settle(self.out.len())
    }

    fn members(&mut self, members: &[Member<'_>]) -> Result<(), Exceeded> {
        let left_out = self.nulls == Nulls::LeftOut;
        self.out.push(b'{');
        let mut is_first = true;
        for Member { name, known, value } in members.iter().filter(|member| !(left_out && member.value.is_null())) {
            if !std::mem::take(&mut is_first) {
                self.out.push(b',');
            }
            match known {
                Some(known) => self.out.extend_from_slice(&known.serialized),
                None => write_name(name, &mut self.out),
            }
            self.value(value)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn json(&mut self, json: &Json) {
        match self.nulls {
            Nulls::Kept => {
                serde_json::to_writer(&mut self.out, json).expect("our own tree always serialises");
            }
            Nulls::LeftOut => write_value(json, &mut self.out),
        }
    }
}

/// Whether an element of XML can have this name, for any declared prefixes.
pub(super) fn names_element(name: &str) -> bool {
    is_xml_name(name) && name != "xmlns"
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    if is_plain(text) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    serde_json::to_writer(out, text).expect("writing to memory does not fail");
}

/// Writes a name with its colon.
pub(super) fn write_name(name: &str, out: &mut Vec<u8>) {
    write_text(name, out);
    out.push(b':');
}

/// Writes compact JSON without the members that are null.
pub(super) fn write_value(json: &Json, out: &mut Vec<u8>) {
    serde_json::to_writer(out, &WithoutNulls(json)).expect("our own tree always serialises");
}

struct WithoutNulls<'a>(&'a Json);

impl Serialize for WithoutNulls<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Object(members) => {
                let mut map = serializer.serialize_map(None)?;
                for (name, value) in members.iter().filter(|(_, value)| *value != Json::Null) {
                    map.serialize_entry(name, &WithoutNulls(value))?;
                }
                map.end()
            }
            Json::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&WithoutNulls(item))?;
                }
                list.end()
            }
            leaf => leaf.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

    use super::super::xml;
    use super::*;
    use crate::model::{ElementOrder, XmlForm};

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            (0usize..9).prop_map(Json::from),
            "[ab\"\\\\\n\u{e9}]{0,3}".prop_map(Json::String),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
                proptest::collection::btree_map("[a-d\"]", inner, 0..4)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Converts a value to a rendered one. `choices` selects the variant of each part.
    fn rendered<'t>(
        fixed: &'t ConstantJson,
        json: &'t Json,
        choices: &mut impl Iterator<Item = u8>,
    ) -> RenderedValue<'t> {
        match (choices.next().unwrap_or_default() % 4, json) {
            (0, _) if std::ptr::eq(fixed.json(), json) => RenderedValue::Constant(fixed),
            (1, _) => RenderedValue::Converted(json.clone()),
            (2 | 3, Json::String(text)) => RenderedValue::Text(text.clone()),
            (2 | 3, Json::Array(items)) => {
                RenderedValue::Array(items.iter().map(|item| rendered(fixed, item, choices)).collect())
            }
            (2 | 3, Json::Object(members)) => {
                let member = |(name, value): &'t (String, Json)| {
                    let value = rendered(fixed, value, choices);
                    Member { name: Cow::Borrowed(name), known: None, value }
                };
                RenderedValue::Object(members.iter().map(member).collect())
            }
            _ => RenderedValue::Part(json),
        }
    }

    /// Sets a member of a tree, or merges the two if both are objects.
    fn merged(document: &mut Json, name: &str, value: Json) {
        if let Json::Object(members) = document
            && let Some((_, old @ Json::Object(_))) = members.iter_mut().find(|(key, _)| key == name)
            && let Json::Object(inner) = value
        {
            inner.into_iter().for_each(|(name, value)| merged(old, &name, value));
        } else {
            document.set(name, value);
        }
    }

    proptest! {
        #[test]
        fn texts_are_written_as_serde_json_writes_them(text in "[a\"\\\\\n\u{7f}\u{1f}\u{e9} !]{0,3}[a-z\u{7f}!#\u{e9}]{0,20}[\"\\\\\u{1f}]?") {
            let mut written = Vec::new();
            write_text(&text, &mut written);
            assert_eq!(written, serde_json::to_vec(&text).expect("a text is written"));
        }

        #[test]
        fn it_is_merged_and_written_as_a_tree_would_be(
            document in json(),
            members in proptest::collection::vec(("[a-d\"]", json()), 0..4),
            choices in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let names: Vec<MemberName> = members.iter().map(|(name, _)| MemberName::new(name)).collect();
            let values: Vec<ConstantJson> = members.iter().map(|(_, value)| ConstantJson::new(value.clone())).collect();
            let fixed = ConstantJson::new(document.clone());
            let mut choices = choices.into_iter();
            let mut actual = rendered(&fixed, fixed.json(), &mut choices);
            let mut expected = document;
            for ((name, value), (text, json)) in names.iter().zip(&values).zip(&members) {
                actual.merge(name.with(rendered(value, value.json(), &mut choices)));
                merged(&mut expected, text, json.clone());
            }

            let mut written = Vec::new();
            write_value(&expected, &mut written);
            assert_eq!(actual.to_bytes(Nulls::LeftOut).expect("no limit"), written);
            assert_eq!(actual.to_bytes(Nulls::Kept).expect("no limit"), expected.to_string());
            let form = XmlForm { root: "r".to_owned(), order: ElementOrder::Ordinal, ..XmlForm::default() };
            assert_eq!(xml::write(&actual, &form), xml::write(&expected, &form));
        }
    }
}
