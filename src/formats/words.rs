//! Formats names in messages, and suggests the name that was probably meant.

/// Puts a name in backticks, with its control characters escaped.
pub(crate) fn in_backticks(name: &str) -> String {
    let shown: String =
        name.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect();
    format!("`{shown}`")
}

/// Lists names in backticks as in a sentence: `` `a`, `b` and `c` ``.
pub(crate) fn backtick_list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let ticked: Vec<String> = names.into_iter().map(in_backticks).collect();
    match ticked.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Returns the most similar name, if any is similar enough that it was probably meant.
pub(crate) fn closest_name<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // The distance takes time and memory in proportion to both lengths, and no known name is longer.
    const MAX_LENGTH: usize = 200;
    if name.len() > MAX_LENGTH {
        return None;
    }
    let meant = snake_case(name);
    let distances = names.into_iter().map(|candidate| {
        let other = snake_case(candidate);
        let limit = (meant.chars().count().max(other.chars().count()) / 3).max(1);
        (strsim::damerau_levenshtein(&meant, &other), limit, candidate)
    });
    let close = distances.filter(|(distance, limit, _)| distance <= limit);
    close.min_by_key(|(distance, _, _)| *distance).map(|(_, _, candidate)| candidate)
}

/// Returns a name in snake case, so that `thenState` and `then-state` are the same.
pub(crate) fn snake_case(name: &str) -> String {
    let mut folded = String::with_capacity(name.len() + 2);
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && after_lower {
            folded.push('_');
        }
        after_lower = c.is_lowercase();
        folded.extend(if c == '-' || c == ' ' { '_' } else { c }.to_lowercase());
    }
    folded
}

/// Returns the help "did you mean ...?", if a similar name exists.
pub(crate) fn did_you_mean<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    closest_name(name, names).map(|name| format!("did you mean {}?", in_backticks(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_forgives_case_and_two_slips() {
        let names = ["then_state", "when_state", "request", "priority"];

        assert_eq!(closest_name("thenState", names), Some("then_state"));
        assert_eq!(closest_name("reqeusts", names), Some("request"));
        assert_eq!(closest_name("colour", names), None);
    }

    #[test]
    fn names_are_listed_as_a_sentence_does() {
        assert_eq!(backtick_list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(backtick_list(["a"]), "`a`");
        assert_eq!(backtick_list([]), "nothing");
    }
}
