//! The report as a LaTeX document of its own: tables with their notes, and the methods paragraph. It needs `booktabs` and
//! `graphicx`.

use super::{Report, confusion_rows, standing};
use crate::notebook::RunSummary;
use crate::table::{Cell, render};

/// So many lines of a table fit on a page.
const ROWS: usize = 40;

/// The document.
pub fn latex(report: &Report) -> String {
    let mut text = "\\documentclass[a4paper]{article}\n\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n\
                    \\usepackage{booktabs,graphicx}\n\\usepackage[margin=2cm]{geometry}\n\\setlength{\\parindent}{0pt}\n\
                    \\begin{document}\n"
        .to_owned();
    for warning in report.warnings() {
        text += &format!("\\textbf{{{}}}\\par\\medskip\n", render::latex_text(warning));
    }
    if report.experiments.is_empty() {
        text += "There are no runs yet.\n";
    }
    for experiment in &report.experiments {
        text += &format!("\\section*{{{}}}\n", render::latex_text(&experiment.recipe.data_set));
        for table in &experiment.tables {
            text += &fitting(&render::latex(table));
            text += "\n\\bigskip\n";
        }
        if !experiment.confused.is_empty() {
            text +=
                "\\subsection*{Confusion matrices}\nTrials of all runs of a cell added up.\\par\\smallskip\n";
            text += &in_small(&confusion(&experiment.confused));
        }
        text += &format!("\\subsection*{{Methods}}\n{}\n", render::latex_text(&experiment.methods));
        text += "\\subsection*{Runs}\n";
        text += &in_small(&runs(report, &experiment.runs));
    }
    for across in &report.across {
        let sentences = render::latex_text(&across.sentences().join(" "));
        text += &format!("\\section*{{Over data sets}}\n{sentences}\n");
    }
    text + &format!("\n\\bigskip\n{}\n\\end{{document}}\n", render::latex_text(&report.foot()))
}

/// No table wider than the page: a wide one is scaled down. Names never hold the commands that are looked for, as their
/// backslashes are escaped.
fn fitting(text: &str) -> String {
    let scaled = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{\\begin{tabular}";
    text.replace("\\begin{tabular}", scaled).replace("\\end{tabular}", "\\end{tabular}}")
}

/// The confusion matrices in tables that a page holds.
fn confusion(confused: &[Cell]) -> String {
    let rows = confusion_rows(confused);
    let Some((heads, rows)) = rows.split_first() else { return String::new() };
    let part =
        |rows: &[Vec<String>]| fitting(&render::latex_rows(&[std::slice::from_ref(heads), rows].concat()));
    rows.chunks(ROWS).map(part).collect()
}

/// Every run with its state and figure; its name is that of its folder.
fn runs(report: &Report, runs: &[RunSummary]) -> String {
    let line = |run: &RunSummary| {
        let said = format!("{}: {}", run.id, standing(run, report.rule));
        format!("{}\\par\n", render::latex_text(&said))
    };
    runs.iter().map(line).collect()
}

fn in_small(text: &str) -> String {
    format!("{{\\footnotesize\n{text}}}\n")
}
