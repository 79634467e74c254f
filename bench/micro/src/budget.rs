//! The budget of instructions for each row, read from a file and compared with a measurement.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The compiler that built this program, such as `rustc 1.95`. Another compiler emits other instructions.
const COMPILER: &str = env!("MICRO_RUSTC");

/// Instructions by the label of their row.
pub type Counts = BTreeMap<String, u64>;

/// The contents of a budget file.
#[derive(Debug, PartialEq)]
pub struct Budget {
    pub compiler: String,
    pub counts: Counts,
}

/// A row that differs from its budget.
#[derive(Debug, PartialEq)]
pub struct Change {
    pub label: String,
    /// `None` if the row is new.
    pub budget: Option<u64>,
    /// `None` if the row was removed.
    pub counted: Option<u64>,
}

impl Change {
    /// Whether it costs less, which is not a fault.
    pub fn is_gain(&self) -> bool {
        matches!((self.budget, self.counted), (Some(budget), Some(counted)) if counted < budget)
    }
}

impl Budget {
    pub fn of(counts: Counts) -> Budget {
        Budget { compiler: COMPILER.to_owned(), counts }
    }

    /// # Errors
    /// If a line is not valid: its number.
    pub fn read(text: &str) -> Result<Budget, String> {
        let mut budget = Budget { compiler: String::new(), counts: Counts::new() };
        for (place, line) in text.lines().enumerate() {
            if let Some(comment) = line.strip_prefix("# ") {
                let compiler = comment.split(", ").find(|part| part.starts_with("rustc "));
                budget.compiler.push_str(compiler.unwrap_or_default());
                continue;
            }
            let read = line.rsplit_once('\t').and_then(|(label, count)| Some((label.to_owned(), count.parse().ok()?)));
            let (label, count) = read.ok_or_else(|| format!("line {} is not a row: {line}", place + 1))?;
            budget.counts.insert(label, count);
        }
        Ok(budget)
    }

    /// Returns the contents of the file.
    pub fn text(&self) -> String {
        let mut text = format!(
            "# name, stubs or parts, hit, instructions by callgrind, {}, x86_64 Linux, written by `micro --record`\n",
            self.compiler
        );
        for (label, count) in &self.counts {
            let _ = writeln!(text, "{label}\t{count}");
        }
        text
    }
}

/// Returns the rows that cost over a tenth more or less than their budget, and new and removed rows, by label.
pub fn compare(budget: &Counts, counted: &Counts) -> Vec<Change> {
    let new = counted.keys().filter(|label| !budget.contains_key(*label));
    let mut labels: Vec<&String> = budget.keys().chain(new).collect();
    labels.sort();
    let change = |label: &String| Change {
        label: label.clone(),
        budget: budget.get(label).copied(),
        counted: counted.get(label).copied(),
    };
    labels.into_iter().map(change).filter(|change| !is_kept(change)).collect()
}

fn is_kept(change: &Change) -> bool {
    // Computed in whole numbers, so that a row exactly at the limit is always on the same side of it.
    let (Some(budget), Some(counted)) = (change.budget, change.counted) else { return false };
    (budget * 9..=budget * 11).contains(&(counted * 10))
}

/// Describes the changes against a budget file, and what to do about them.
pub fn report(changes: &[Change], budget: &Budget, file: &str) -> String {
    if changes.is_empty() {
        return format!("each of {} rows is within a tenth of its budget\n", budget.counts.len());
    }
    let mut text = String::from("| | stubs or parts | hit | budget | counted | |\n|---|---:|---|---:|---:|---|\n");
    for Change { label, budget, counted } in changes {
        let number = |count: &Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let change = match (budget, counted) {
            (Some(budget), Some(counted)) => format!("{:+.1}%", (*counted as f64 / *budget as f64 - 1.0) * 100.0),
            (None, _) => "has no budget".to_owned(),
            (_, None) => "was removed".to_owned(),
        };
        let row = label.replace('\t', " | ");
        let _ = writeln!(text, "| {row} | {} | {} | {change} |", number(budget), number(counted));
    }
    text.push('\n');
    let gains = changes.iter().filter(|change| change.is_gain()).count();
    let faults = changes.len() - gains;
    if faults > 0 {
        let _ =
            writeln!(text, "rows that cost over a tenth more than their budget, are new, or were removed: {faults}");
    }
    if gains > 0 {
        let _ = writeln!(text, "rows that cost over a tenth less, whose budget may be lowered: {gains}");
    }
    if budget.compiler != COMPILER {
        let _ = writeln!(text, "the budget is for `{}`, and this program was built by `{COMPILER}`", budget.compiler);
    }
    let _ = writeln!(
        text,
        "if the change is intended, record a new budget: `--record {file}` instead of `--budget {file}`"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts<const N: usize>(rows: [(&str, u64); N]) -> Counts {
        rows.into_iter().map(|(name, count)| (format!("{name}\t1\tfirst"), count)).collect()
    }

    fn change(name: &str, budget: Option<u64>, counted: Option<u64>) -> Change {
        Change { label: format!("{name}\t1\tfirst"), budget, counted }
    }

    #[test]
    fn a_row_may_cost_a_tenth_more_or_less() {
        let budget = counts([("dearer", 1000), ("cheaper", 1000), ("same", 7)]);

        assert_eq!(compare(&budget, &counts([("dearer", 1100), ("cheaper", 900), ("same", 7)])), []);
    }

    #[test]
    fn a_row_that_costs_over_a_tenth_more_is_a_fault() {
        let changes = compare(&counts([("paths", 1000)]), &counts([("paths", 1101)]));

        assert_eq!(changes, [change("paths", Some(1000), Some(1101))]);
        assert!(!changes[0].is_gain());
    }

    #[test]
    fn a_row_that_costs_over_a_tenth_less_is_told_and_is_no_fault() {
        let changes = compare(&counts([("paths", 1000)]), &counts([("paths", 899)]));

        assert_eq!(changes, [change("paths", Some(1000), Some(899))]);
        assert!(changes[0].is_gain());
    }

    #[test]
    fn a_row_without_a_budget_and_a_budget_without_a_row_are_faults() {
        let changes = compare(&counts([("gone", 5), ("kept", 5)]), &counts([("kept", 5), ("added", 5)]));

        assert_eq!(changes, [change("added", None, Some(5)), change("gone", Some(5), None)]);
        assert!(!changes.iter().any(Change::is_gain));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let budget = Budget::of(counts([("paths", 1000), ("a header", 2000)]));

        assert_eq!(
            budget.text(),
            format!(
                "# name, stubs or parts, hit, instructions by callgrind, {COMPILER}, x86_64 Linux, written by `micro --record`\n\
                 a header\t1\tfirst\t2000\npaths\t1\tfirst\t1000\n"
            )
        );
        assert_eq!(Budget::read(&budget.text()), Ok(budget));
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        let read = Budget::read("# of rustc 1.95, x\npaths\t1\tfirst\tmany\n");

        assert_eq!(read, Err("line 2 is not a row: paths\t1\tfirst\tmany".to_owned()));
    }

    #[test]
    fn a_report_tells_each_change_and_what_to_do() {
        let budget = Budget { compiler: "rustc 1.2".to_owned(), counts: counts([("a", 1000), ("b", 1000), ("c", 5)]) };
        let changes = compare(&budget.counts, &counts([("a", 1250), ("b", 500), ("d", 7)]));

        assert_eq!(
            report(&changes, &budget, "b.tsv"),
            format!(
                "| | stubs or parts | hit | budget | counted | |\n\
                 |---|---:|---|---:|---:|---|\n\
                 | a | 1 | first | 1000 | 1250 | +25.0% |\n\
                 | b | 1 | first | 1000 | 500 | -50.0% |\n\
                 | c | 1 | first | 5 |  | was removed |\n\
                 | d | 1 | first |  | 7 | has no budget |\n\
                 \n\
                 rows that cost over a tenth more than their budget, are new, or were removed: 3\n\
                 rows that cost over a tenth less, whose budget may be lowered: 1\n\
                 the budget is for `rustc 1.2`, and this program was built by `{COMPILER}`\n\
                 if the change is intended, record a new budget: `--record b.tsv` instead of `--budget b.tsv`\n"
            )
        );
    }
}
