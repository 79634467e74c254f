//! Checks that names are unique, and that references have a target.

use std::collections::HashMap;

use crate::model::{Example, Fault, KeyPath, Scenario};

use crate::formats::words::{backtick_list, did_you_mean, in_backticks};

/// Returns the faults in the names and references of one scenario.
pub(super) fn check(scenario: &Scenario) -> Vec<Fault> {
    let stubs = scenario.stubs.iter().map(|stub| (stub.name.as_deref(), stub.place.line));
    let mut faults = duplicates("stub", stubs);
    let examples = scenario.examples.iter().map(|example| (Some(example.name.as_str()), example.line));
    faults.extend(duplicates("example", examples));
    for (place, example) in scenario.examples.iter().enumerate() {
        let at = KeyPath::top().key("example").index(place);
        faults.extend(stub_of(example, scenario, &at));
        faults.extend(predecessors(example, &scenario.examples, &at));
    }
    faults.extend(cycles(&scenario.examples));
    faults
}

/// Reports each name that was given before.
fn duplicates<'s>(noun: &str, named: impl Iterator<Item = (Option<&'s str>, usize)>) -> Vec<Fault> {
    let mut first: HashMap<&str, usize> = HashMap::new();
    let mut faults = Vec::new();
    for (place, (name, line)) in named.enumerate() {
        let Some(name) = name else { continue };
        if let Some(before) = first.get(name) {
            let at = KeyPath::top().key(noun).index(place).key("name");
            let fault = Fault::value(
                &at,
                format!("names of {noun}s must be unique in a file, found {} twice", in_backticks(name)),
            );
            let help = format!("The first one begins on line {before}.");
            faults.push(fault.with_label("the second of this name").with_help(help));
        } else {
            first.insert(name, line);
        }
    }
    faults
}

/// Reports an example whose `stub` does not exist. References to other scenarios are checked by [`check_across`].
fn stub_of(example: &Example, scenario: &Scenario, at: &KeyPath) -> Option<Fault> {
    let reference = example.stub.as_deref()?;
    let name = match reference.rsplit_once('/') {
        Some((other, _)) if other != scenario.name => return None,
        Some((_, name)) => name,
        None => reference,
    };
    let names = || scenario.stubs.iter().filter_map(|stub| stub.name.as_deref());
    if names().any(|known| known == name) {
        return None;
    }
    Some(missing_stub(&at.key("stub"), reference, did_you_mean(name, names())))
}

fn missing_stub(at: &KeyPath, name: &str, help: Option<String>) -> Fault {
    let fault = Fault::value(at, format!("no stub is named {}", in_backticks(name))).with_label("no such stub");
    fault.with_help(
        help.unwrap_or_else(|| "Name a stub of this file, or `scenario/stub` for one of another.".to_owned()),
    )
}

/// Reports examples whose `stub` is in another scenario and does not exist.
pub(in crate::formats) fn check_across<'s>(scenario: &'s Scenario, set: &HashMap<&'s str, &'s Scenario>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, example) in scenario.examples.iter().enumerate() {
        let Some((other, name)) = example.stub.as_deref().and_then(|reference| reference.rsplit_once('/')) else {
            continue;
        };
        if other == scenario.name {
            continue;
        }
        let at = KeyPath::top().key("example").index(place).key("stub");
        match set.get(other) {
            None => {
                let fault = Fault::value(&at, format!("no scenario is named {}", in_backticks(other)))
                    .with_label("no such scenario");
                faults.push(Fault { help: did_you_mean(other, set.keys().copied()), ..fault });
            }
            Some(other) => {
                let names = || other.stubs.iter().filter_map(|stub| stub.name.as_deref());
                if !names().any(|known| known == name) {
                    let reference = format!("{}/{name}", other.name);
                    faults.push(missing_stub(&at, &reference, did_you_mean(name, names())));
                }
            }
        }
    }
    faults
}

/// Reports names in `after` of examples that do not exist.
fn predecessors(example: &Example, all: &[Example], at: &KeyPath) -> Vec<Fault> {
    let names = || all.iter().map(|example| example.name.as_str());
    let unknown = example.after.iter().enumerate().filter(|(_, name)| !names().any(|known| known == **name));
    let fault = |(place, name): (usize, &String)| {
        let fault = Fault::value(&at.key("after").index(place), format!("no example is named {}", in_backticks(name)));
        let help = did_you_mean(name, names()).unwrap_or_else(|| "Name an example of this file.".to_owned());
        fault.with_label("no such example").with_help(help)
    };
    unknown.map(fault).collect()
}

/// Reports examples that would have to be played before themselves: each cycle once, at its first example.
fn cycles(all: &[Example]) -> Vec<Fault> {
    // If two examples have one name, the first counts, because it is collected last.
    let places: HashMap<&str, usize> =
        all.iter().enumerate().rev().map(|(place, example)| (example.name.as_str(), place)).collect();
    let mut done = vec![false; all.len()];
    let mut faults = Vec::new();
    for start in 0..all.len() {
        let Some(cycle) = cycle_from(start, all, &places, &mut done) else { continue };
        let names = cycle.iter().map(|place| all[*place].name.as_str());
        let at = KeyPath::top().key("example").index(cycle[0]).key("after");
        let message = match cycle.as_slice() {
            [_] => "an example must not come after itself".to_owned(),
            _ => format!("`after` must not form a cycle, found {}", backtick_list(names)),
        };
        faults.push(
            Fault::value(&at, message).with_label("closes the cycle").with_help("One of them must be played first."),
        );
    }
    faults
}

/// Follows `after` from one example without recursion, and returns the first cycle.
fn cycle_from(start: usize, all: &[Example], places: &HashMap<&str, usize>, done: &mut [bool]) -> Option<Vec<usize>> {
    let mut path: Vec<(usize, usize)> = Vec::new();
    if !done[start] {
        path.push((start, 0));
    }
    let mut found = None;
    while let Some((place, next)) = path.last_mut() {
        let Some(name) = all[*place].after.get(*next) else {
            done[*place] = true;
            path.pop();
            continue;
        };
        *next += 1;
        let Some(&before) = places.get(name.as_str()) else { continue };
        if let Some(from) = path.iter().position(|(place, _)| *place == before) {
            found = found.or_else(|| Some(path[from..].iter().map(|(place, _)| *place).collect()));
        } else if !done[before] {
            path.push((before, 0));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(name: &str, after: &[&str]) -> Example {
        Example {
            name: name.to_owned(),
            after: after.iter().map(|name| (*name).to_owned()).collect(),
            ..Example::default()
        }
    }

    #[test]
    fn a_circle_is_told_once() {
        let all = [example("a", &["b"]), example("b", &["c"]), example("c", &["a"]), example("d", &["a"])];

        let faults = cycles(&all);

        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].message, "`after` must not form a cycle, found `a`, `b` and `c`");
    }

    #[test]
    fn two_ways_to_one_example_are_no_circle() {
        let all = [example("a", &["b", "c"]), example("b", &["d"]), example("c", &["d"]), example("d", &[])];

        assert!(cycles(&all).is_empty());
    }

    #[test]
    fn an_example_after_itself_is_a_circle() {
        assert_eq!(cycles(&[example("a", &["a"])])[0].message, "an example must not come after itself");
    }
}
