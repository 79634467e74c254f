//! Merges the defaults of a file into one of its stubs.
//!
//! Entries are merged by name: an entry of the stub replaces the whole entry of the file that has the same name. The other
//! entries of the file stay.

use crate::model::{BodyCondition, RequestPattern};

use super::request::RequestDraft;

/// Merges the requests of the file and of a stub.
pub(super) fn request(file: &RequestDraft, own: &RequestDraft) -> RequestPattern {
    let (theirs, ours) = (&file.pattern, &own.pattern);
    let exact = |a: &str, b: &str| a == b;
    // All XPaths of a request share its prefixes, so that the request can be printed as one table.
    let namespaces = named(&file.namespaces, &own.namespaces, exact);
    RequestPattern {
        method: ours.method.clone().or_else(|| theirs.method.clone()),
        path: ours.path.clone().or_else(|| theirs.path.clone()),
        path_params: named(&theirs.path_params, &ours.path_params, exact),
        query: named(&theirs.query, &ours.query, exact),
        headers: named(&theirs.headers, &ours.headers, str::eq_ignore_ascii_case),
        cookies: named(&theirs.cookies, &ours.cookies, exact),
        form: named(&theirs.form, &ours.form, exact),
        basic_auth: ours.basic_auth.clone().or_else(|| theirs.basic_auth.clone()),
        host: ours.host.clone().or_else(|| theirs.host.clone()),
        scheme: ours.scheme.clone().or_else(|| theirs.scheme.clone()),
        client_ip: ours.client_ip.clone().or_else(|| theirs.client_ip.clone()),
        multipart: named(&theirs.multipart, &ours.multipart, exact),
        body: ours.body.clone().or_else(|| theirs.body.clone()),
        holds: with_namespaces(holds(&theirs.holds, &ours.holds), &namespaces),
        malformed: ours.malformed.or(theirs.malformed),
    }
}

/// Returns the entries of the file, each replaced by the stub's entry of the same name, and then the stub's others.
pub(super) fn named<T: Clone>(
    file: &[(String, T)],
    own: &[(String, T)],
    same: impl Fn(&str, &str) -> bool,
) -> Vec<(String, T)> {
    let replaced = file.iter().map(|entry| own.iter().find(|(name, _)| same(name, &entry.0)).unwrap_or(entry));
    let added = own.iter().filter(|(name, _)| !file.iter().any(|(other, _)| same(name, other)));
    replaced.chain(added).cloned().collect()
}

/// Merges conditions as [`named`] merges entries. The name of a condition is its key, with its path if it has one. Conditions
/// of one key stay together, as in a table.
fn holds(file: &[BodyCondition], own: &[BodyCondition]) -> Vec<BodyCondition> {
    let same = |a: &BodyCondition, b: &BodyCondition| a.name() == b.name() && a.path() == b.path();
    let replaced = file.iter().map(|entry| own.iter().find(|other| same(other, entry)).unwrap_or(entry));
    let added = own.iter().filter(|entry| !file.iter().any(|other| same(other, entry)));
    let mut merged: Vec<BodyCondition> = Vec::new();
    for entry in replaced.chain(added) {
        let of_its_key = merged.iter().rposition(|other| other.name() == entry.name());
        merged.insert(of_its_key.map_or(merged.len(), |last| last + 1), entry.clone());
    }
    merged
}

fn with_namespaces(mut holds: Vec<BodyCondition>, declared: &[(String, String)]) -> Vec<BodyCondition> {
    for condition in &mut holds {
        if let BodyCondition::XPath(_, _, namespaces) = condition {
            *namespaces = declared.to_vec();
        }
    }
    holds
}

#[cfg(test)]
mod tests {
    use crate::model::Matcher;

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, Matcher)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Matcher::equals(*value))).collect()
    }

    #[test]
    fn a_header_replaces_the_same_header_in_another_case() {
        let merged = named(
            &headers(&[("Accept", "a"), ("X-One", "1")]),
            &headers(&[("accept", "b"), ("X-Two", "2")]),
            str::eq_ignore_ascii_case,
        );

        assert_eq!(merged, headers(&[("accept", "b"), ("X-One", "1"), ("X-Two", "2")]));
    }

    #[test]
    fn a_json_path_replaces_only_the_same_json_path() {
        let path = |path: &str, value: &str| BodyCondition::JsonPath(path.into(), Matcher::equals(value));
        let document = BodyCondition::Document("$.a".into(), Matcher::equals("d"));

        let merged = holds(&[path("$.a", "1"), path("$.b", "2"), document.clone()], &[path("$.a", "3")]);

        assert_eq!(merged, [path("$.a", "3"), path("$.b", "2"), document]);
    }
}
