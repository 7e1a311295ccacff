//! A table for a README or a report.

use super::{cell_text, detail_rows, rows_with, subject_rows};
use crate::printable::printable;
use crate::table::{Cell, Matrix, Standing};

/// The table, its details and its notes. The best cell, if there is one, is bold.
pub fn markdown(matrix: &Matrix) -> String {
    let mut text = format!("{}; {}\n\n", escaped(&matrix.recipe.to_string()), escaped(&matrix.title()));
    text += &table(&rows_with(matrix, |cell| entry(matrix, cell)));
    for rows in [detail_rows(matrix), subject_rows(matrix)].iter().filter(|rows| !rows.is_empty()) {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|it| escaped(it)).collect()).collect();
        text.push('\n');
        text += &table(&rows);
    }
    text.push('\n');
    for note in matrix.notes() {
        text += &format!("- {}\n", escaped(&note));
    }
    text
}

fn entry(matrix: &Matrix, cell: &Cell) -> String {
    let text = escaped(&cell_text(matrix, cell));
    if cell.verdict.standing == Standing::Best { format!("**{text}**") } else { text }
}

/// Rows, the first of which are the heads.
fn table(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (place, row) in rows.iter().enumerate() {
        text += &format!("| {} |\n", row.join(" | "));
        if place == 0 {
            text += &format!("|{}\n", "---|".repeat(row.len()));
        }
    }
    text
}

/// Text without a meaning to Markdown or a terminal.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        if matches!(c, '|' | '*' | '_' | '`' | '<' | '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
