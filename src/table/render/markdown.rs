//! A table for a README or a report.

use super::{cell_text, detail_rows, rows_with, subject_rows};
use crate::printable::printable;
use crate::table::{Cell, Matrix, Standing};

/// The table, its details and its notes. The best cell, if there is one, is bold.
pub fn markdown(matrix: &Matrix) -> String {
    let mut text = format!("{}; {}\n\n", escaped(&matrix.recipe.to_string()), escaped(&matrix.title()));
    text += &table(&rows_with(matrix, |cell| entry(matrix, cell)));
    for rows in [detail_rows(matrix), subject_rows(matrix)].iter().filter(|rows| !rows.is_empty()) {
        text.push('\n');
        text += &markdown_rows(rows);
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

/// Rows of text as a table of its own, heads first; nothing of none.
pub fn markdown_rows(rows: &[Vec<String>]) -> String {
    let escaped = |row: &Vec<String>| row.iter().map(|text| escaped(text)).collect();
    table(&rows.iter().map(escaped).collect::<Vec<_>>())
}

/// Rows of Markdown, the first of which are the heads.
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
        if r"|*_`<[]\&~$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
