//! Finds in an XPath the names that nothing stands behind: undeclared prefixes, unknown functions, variables.
//!
//! The crate that evaluates an XPath meets them only when it walks that far, and the condition would then never hold.

use super::xpath_limits::{in_name, starts_name};

/// The functions of XPath 1.0, §4, and the node tests that look like them.
const FUNCTIONS: [&str; 31] = [
    "last",
    "position",
    "count",
    "id",
    "local-name",
    "namespace-uri",
    "name",
    "string",
    "concat",
    "starts-with",
    "contains",
    "substring-before",
    "substring-after",
    "substring",
    "string-length",
    "normalize-space",
    "translate",
    "boolean",
    "not",
    "true",
    "false",
    "lang",
    "number",
    "sum",
    "floor",
    "ceiling",
    "round",
    "comment",
    "text",
    "processing-instruction",
    "node",
];

/// A name that nothing stands behind.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unknown<'p> {
    /// A prefix that is not declared.
    Prefix(&'p str),
    /// A function that XPath 1.0 does not have.
    Function(&'p str),
    /// Any variable: nothing sets one.
    Variable,
}

/// What is unknown in a path that parses: what it is, and where it stands.
pub(super) fn unknown_name<'p>(path: &'p str, prefixes: &[(String, String)]) -> Option<Unknown<'p>> {
    let mut rest = 0;
    while let Some(c) = path[rest..].chars().next() {
        if c == '"' || c == '\'' {
            let inside = rest + 1;
            rest = path[inside..].find(c).map_or(path.len(), |length| inside + length + 1);
        } else if c == '$' {
            return Some(Unknown::Variable);
        } else if starts_name(c) {
            let end = path[rest..].find(|c| !in_name(c)).map_or(path.len(), |length| rest + length);
            let after = path[end..].trim_start();
            let name = &path[rest..end];
            if after.starts_with(':') && !after.starts_with("::") {
                if !prefixes.iter().any(|(prefix, _)| prefix == name) {
                    return Some(Unknown::Prefix(name));
                }
            } else if after.starts_with('(') && !FUNCTIONS.contains(&name) && !is_operator(&path[..rest], name) {
                return Some(Unknown::Function(name));
            }
            rest = end;
        } else {
            rest += c.len_utf8();
        }
    }
    None
}

/// `and (...)` is no call where something stands before it (XPath 1.0, §3.7).
fn is_operator(before: &str, name: &str) -> bool {
    let ends_a_value = |c: char| in_name(c) || matches!(c, ')' | ']' | '"' | '\'' | '*');
    matches!(name, "and" | "or" | "div" | "mod") && before.trim_end().ends_with(ends_a_value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(path: &str) -> Option<Unknown<'_>> {
        unknown_name(path, &[("n".to_owned(), "u".to_owned())])
    }

    #[test]
    fn what_is_known_passes() {
        for path in [
            "/n:a/n:b[2]/@n:x",
            "//a[starts-with(@id, 'p:q') and (count(b) > 1 or not(c))]",
            "child::a/descendant::text()",
            "string(/a) mod (2)",
            "/*[local-name()=\"a:b(\"]",
        ] {
            assert_eq!(unknown(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_not_is_named() {
        assert_eq!(unknown("/n:a/p:b"), Some(Unknown::Prefix("p")));
        assert_eq!(unknown("/a[matches(., 'x')]"), Some(Unknown::Function("matches")));
        assert_eq!(unknown("/a[@id = $id]"), Some(Unknown::Variable));
    }
}
