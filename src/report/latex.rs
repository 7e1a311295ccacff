//! The report as a LaTeX document of its own: tables with their notes, and the methods paragraph. It needs `booktabs` alone.

use super::Report;
use crate::table::render;

/// The document.
pub fn latex(report: &Report) -> String {
    let mut text = "\\documentclass[a4paper]{article}\n\\usepackage[T1]{fontenc}\n\\usepackage[utf8]{inputenc}\n\
                    \\usepackage{booktabs}\n\\usepackage[margin=2cm]{geometry}\n\\setlength{\\parindent}{0pt}\n\
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
            text += &render::latex(table);
            text += "\n\\bigskip\n";
        }
        text += &format!("\\subsection*{{Methods}}\n{}\n", render::latex_text(&experiment.methods));
    }
    for across in &report.across {
        let sentences = render::latex_text(&across.sentences().join(" "));
        text += &format!("\\section*{{Over data sets}}\n{sentences}\n");
    }
    text + &format!("\n\\bigskip\n{}\n\\end{{document}}\n", render::latex_text(&report.foot()))
}
