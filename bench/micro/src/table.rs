//! The table of a measurement.

use std::fmt::Write as _;

use crate::measured::{Hit, Task};

/// The cost of a task.
pub struct Row {
    pub name: &'static str,
    pub of: Option<(usize, Hit)>,
    pub nanoseconds: f64,
    pub instructions: Option<f64>,
}

impl Row {
    pub fn of(task: &Task, nanoseconds: f64, instructions: Option<f64>) -> Row {
        Row { name: task.name, of: task.of, nanoseconds, instructions }
    }

    /// Whether another row is compared with this one: it has one stub of the same kind, and both match or both do not.
    fn is_base_of(&self, other: &Row) -> bool {
        match (self.of, other.of) {
            (Some((1, own)), Some((_, hit))) => self.name == other.name && (own == Hit::None) == (hit == Hit::None),
            _ => false,
        }
    }
}

pub fn of(rows: &[Row]) -> String {
    let mut text = String::from(
        "| | stubs or parts | hit | ns | ratio | instructions | ratio |\n|---|---:|---|---:|---:|---:|---:|\n",
    );
    for row in rows {
        let base = rows.iter().find(|base| base.is_base_of(row));
        let against = |of: fn(&Row) -> Option<f64>| {
            let ratio = of(row).zip(base.and_then(of)).map(|(own, base)| format!("{:.2}", own / base));
            (of(row).map(|own| format!("{own:.0}")).unwrap_or_default(), ratio.unwrap_or_default())
        };
        let (time, time_ratio) = against(|row| Some(row.nanoseconds));
        let (count, count_ratio) = against(|row| row.instructions);
        let (stubs, hit) = row.of.map(|(stubs, hit)| (stubs.to_string(), hit.name())).unwrap_or_default();
        let _ = writeln!(text, "| {} | {stubs} | {hit} | {time} | {time_ratio} | {count} | {count_ratio} |", row.name);
    }
    text
}
