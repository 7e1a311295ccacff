//! A table for a paper; it needs no package.

use crate::printable::printable;
use crate::table::{Cell, Matrix, Standing};

/// A `tabular`, with what must be known about it as comments above. The best cell, if there is one, is bold.
pub fn latex(matrix: &Matrix) -> String {
    let mut text = format!("% {}, {}\n", printable(&matrix.recipe.to_string()), matrix.title());
    for note in matrix.notes() {
        text += &format!("% {note}\n");
    }
    text += &format!("\\begin{{tabular}}{{l{}}}\n\\hline\n", "c".repeat(matrix.columns.len()));
    for column in &matrix.columns {
        text += &format!(" & {}", escaped(&column.title()));
    }
    text += " \\\\\n\\hline\n";
    for (row, model) in matrix.rows.iter().enumerate() {
        text += &escaped(model.title());
        for cell in matrix.row(row) {
            text += &format!(" & {}", entry(matrix, cell));
        }
        text += " \\\\\n";
    }
    text + "\\hline\n\\end{tabular}\n"
}

fn entry(matrix: &Matrix, cell: &Cell) -> String {
    if cell.summary.is_none() {
        return "--".into();
    }
    let figure = cell.figure(matrix.metric, matrix.is_optimistic());
    let figure = escaped(&figure).replace('±', "$\\pm$").replace('–', "--");
    match cell.verdict.standing {
        Standing::Best => format!("\\textbf{{{figure}}}"),
        standing if standing.mark().is_empty() => figure,
        standing => format!("{figure} {}", standing.mark()),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '%' | '&' | '#' | '_' | '$' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            _ => out.push(c),
        }
    }
    out
}
