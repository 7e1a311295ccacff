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
        let across = |entry: String| format!("\\multicolumn{{{}}}{{c}}{{{entry}}}", matrix.columns.len());
        text += &line([begun(&cell.title()), across(entry(matrix, cell))]);
        text += &interval(matrix, cell).map(|it| line([String::new(), across(it)])).unwrap_or_default();
    }
    if !matrix.baselines.is_empty() {
        text += "\\midrule\n";
    }
    for (row, model) in matrix.rows.iter().enumerate() {
        let cells = matrix.row(row);
        text +=
            &line(std::iter::once(begun(model.title())).chain(cells.iter().map(|cell| entry(matrix, cell))));
        let intervals: Vec<Option<String>> = cells.iter().map(|cell| interval(matrix, cell)).collect();
        if intervals.iter().any(Option::is_some) {
            text += &line(std::iter::once(None).chain(intervals).map(Option::unwrap_or_default));
        }
    }
    text += "\\bottomrule\n\\end{tabular}\n\\par\\smallskip\n";
    text += &latex_rows(&subject_rows(matrix));
    let head = format!("{}; {}.", matrix.recipe, matrix.title());
    let notes: Vec<String> = std::iter::once(head).chain(matrix.notes()).map(|note| escaped(&note)).collect();
    text + &format!("{{\\footnotesize {}\\par}}\n", notes.join("\n"))
}

/// Rows of text as a table of its own, heads first; nothing of none.
pub fn latex_rows(rows: &[Vec<String>]) -> String {
    let Some((heads, rows)) = rows.split_first() else { return String::new() };
    let line = |row: &[String]| {
        let (first, rest) = row.split_first().map(|(first, rest)| (begun(first), rest)).unwrap_or_default();
        line(std::iter::once(first).chain(rest.iter().map(|text| escaped(text))))
    };
    let body: String = rows.iter().map(|row| line(row)).collect();
    format!(
        "\\begin{{tabular}}{{@{{}}l{}@{{}}}}\n\\toprule\n{}\\midrule\n{body}\\bottomrule\n\\end{{tabular}}\n\\par\\smallskip\n",
        "c".repeat(heads.len() - 1),
        line(heads)
    )
}

/// A row of a table.
fn line(entries: impl IntoIterator<Item = String>) -> String {
    format!("{} \\\\\n", entries.into_iter().collect::<Vec<_>>().join(" & "))
}

/// The first entry of a row: a bracket or star there would belong to the end of the row before.
fn begun(text: &str) -> String {
    let text = escaped(text);
    if text.starts_with(['[', '*']) { format!("{{}}{text}") } else { text }
}

/// The interval, for the line under a figure that has a standard deviation; where there is none the figure has it beside.
fn interval(matrix: &Matrix, cell: &Cell) -> Option<String> {
    let summary = cell.summary.as_ref().filter(|summary| summary.sd.is_some())?;
    Some(format!("{{\\footnotesize {}}}", escaped(&summary.interval?.text(matrix.metric))))
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

/// Text without a meaning to LaTeX, in characters that pdfTeX's usual fonts have; of others their number stands there.
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut last = '\0';
    for c in printable(text).chars() {
        // Two of these in a row would become one other sign.
        if c == last && "-`'<>,".contains(c) {
            out += "{}";
        }
        last = c;
        match c {
            '%' | '&' | '#' | '_' | '$' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '–' => out += "--",
            '−' => out += "$-$",
            '’' => out.push('\''),
            c => match MATHEMATICS.iter().find(|(sign, _)| *sign == c) {
                Some((_, name)) => out += &format!("$\\{name}$"),
                None if in_fonts(c) => out.push(c),
                None => out += &format!("U+{:04X}", u32::from(c)),
            },
        }
    }
    // A number and its percent sign stay in one line.
    out.replace(" \\%", "~\\%")
}

/// Signs that LaTeX sets as mathematics, and their names there.
const MATHEMATICS: [(char, &str); 26] = [
    ('±', "pm"),
    ('×', "times"),
    ('≤', "leq"),
    ('≥', "geq"),
    ('≠', "neq"),
    ('≈', "approx"),
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "varepsilon"),
    ('η', "eta"),
    ('θ', "theta"),
    ('κ', "kappa"),
    ('λ', "lambda"),
    ('µ', "mu"),
    ('μ', "mu"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('φ', "varphi"),
    ('ω', "omega"),
    ('Δ', "Delta"),
    ('Σ', "Sigma"),
    ('Ω', "Omega"),
];

/// Latin letters and the marks of prose, as far as `inputenc` and `fontenc` know them.
fn in_fonts(c: char) -> bool {
    let unknown = "ĦħĸĿŀŉŦŧſ";
    (c <= '\u{17f}' && !unknown.contains(c)) || "‘“”„…—€™←→".contains(c)
}
