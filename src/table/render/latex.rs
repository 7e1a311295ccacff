//! A table for a paper: booktabs' rules, siunitx's numbers where that package is loaded, and under the table, as its note,
//! what must be known about it.

use super::subject_rows;
use crate::metric::Metric;
use crate::printable::printable;
use crate::table::{Cell, Matrix, Standing, Summary};

/// The table and its note. It needs booktabs. Without siunitx its `\num` is plain mathematics. The best cell, if there is
/// one, is bold.
pub fn latex(matrix: &Matrix) -> String {
    let mut text = "% needs \\usepackage{booktabs}; with siunitx, \\num is its own\n\
                    \\providecommand{\\num}[1]{\\ensuremath{#1}}\n"
        .to_owned();
    text += &format!("\\begin{{tabular}}{{@{{}}l{}@{{}}}}\n\\toprule\n", "c".repeat(matrix.columns.len()));
    for column in &matrix.columns {
        text += &format!(" & {}", escaped(&column.title()));
    }
    text += " \\\\\n\\midrule\n";
    for cell in &matrix.baselines {
        let across = format!("\\multicolumn{{{}}}{{c}}{{{}}}", matrix.columns.len(), entry(matrix, cell));
        text += &format!("{} & {across} \\\\\n", escaped(&cell.title()));
    }
    if !matrix.baselines.is_empty() {
        text += "\\midrule\n";
    }
    for (row, model) in matrix.rows.iter().enumerate() {
        text += &escaped(model.title());
        for cell in matrix.row(row) {
            text += &format!(" & {}", entry(matrix, cell));
        }
        text += " \\\\\n";
    }
    text += "\\bottomrule\n\\end{tabular}\n\\par\\smallskip\n";
    text += &subjects(matrix);
    let head = format!("{}; {}.", matrix.recipe, matrix.title());
    let notes: Vec<String> = std::iter::once(head).chain(matrix.notes()).map(|note| escaped(&note)).collect();
    text + &format!("{{\\footnotesize {}\\par}}\n", notes.join("\n"))
}

/// Each subject's own figures, where there are several.
fn subjects(matrix: &Matrix) -> String {
    let rows = subject_rows(matrix);
    let Some((heads, rows)) = rows.split_first() else { return String::new() };
    let line = |row: &[String]| {
        let fields: Vec<String> = row.iter().map(|text| escaped(text)).collect();
        format!("{} \\\\\n", fields.join(" & "))
    };
    let body: String = rows.iter().map(|row| line(row)).collect();
    format!(
        "\\begin{{tabular}}{{@{{}}l{}@{{}}}}\n\\toprule\n{}\\midrule\n{body}\\bottomrule\n\\end{{tabular}}\n\\par\\smallskip\n",
        "c".repeat(heads.len() - 1),
        line(heads)
    )
}

fn entry(matrix: &Matrix, cell: &Cell) -> String {
    let Some(summary) = &cell.summary else { return "--".into() };
    let figure = figure(matrix.metric, summary, &escaped(&cell.count()), matrix.flatters(cell));
    match cell.verdict.standing {
        Standing::Best => format!("\\textbf{{{figure}}}"),
        standing if standing.mark().is_empty() => figure,
        standing => format!("{figure} {}", standing.mark()),
    }
}

/// As [`Cell::figure`] has it, in LaTeX's words.
fn figure(metric: &Metric, summary: &Summary, count: &str, optimistic: bool) -> String {
    let star = if optimistic { "*" } else { "" };
    let mean = metric.format(summary.mean);
    match (summary.sd, summary.interval) {
        (Some(sd), _) => format!("\\num{{{mean} \\pm {}}}{star} ({count})", metric.format(sd)),
        (None, Some(interval)) => {
            let (low, high) = (metric.format(interval.low), metric.format(interval.high));
            let count = if count == "1" { String::new() } else { format!(" ({count})") };
            format!("\\num{{{mean}}}{star} [{low}--{high}]{count}")
        }
        (None, None) => format!("\\num{{{mean}}}{star} ({count})"),
    }
}

/// Text without a meaning to LaTeX.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        match c {
            '%' | '&' | '#' | '_' | '$' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '–' => out += "--",
            '±' => out += "$\\pm$",
            '×' => out += "$\\times$",
            'α' => out += "$\\alpha$",
            'κ' => out += "$\\kappa$",
            'µ' => out += "$\\mu$",
            '’' => out.push('\''),
            _ => out.push(c),
        }
    }
    // A number and its percent sign stay in one line.
    out.replace(" \\%", "~\\%")
}
