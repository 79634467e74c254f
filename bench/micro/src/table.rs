//! The table that is printed.

use std::fmt::Write as _;

/// One case and what it costs.
pub struct Row {
    pub kind: &'static str,
    pub stubs: usize,
    pub hit: &'static str,
    pub nanoseconds: f64,
    pub instructions: Option<f64>,
}

/// The rows, each held against that of one stub of its kind: what is found against what is found, what is not
/// against what is not.
pub fn of(rows: &[Row]) -> String {
    let mut text = String::from(
        "| told apart by | stubs | hit | ns | ratio | instructions | ratio |\n|---|---:|---|---:|---:|---:|---:|\n",
    );
    for row in rows {
        let is_base =
            |base: &&Row| base.kind == row.kind && base.stubs == 1 && (base.hit == "none") == (row.hit == "none");
        let base = rows.iter().find(is_base);
        let against = |of: fn(&Row) -> Option<f64>| match (of(row), base.and_then(of)) {
            (Some(own), Some(base)) => (format!("{own:.0}"), format!("{:.2}", own / base)),
            _ => ("".to_owned(), "".to_owned()),
        };
        let (time, time_ratio) = against(|row| Some(row.nanoseconds));
        let (count, count_ratio) = against(|row| row.instructions);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {time} | {time_ratio} | {count} | {count_ratio} |",
            row.kind, row.stubs, row.hit
        );
    }
    text
}
