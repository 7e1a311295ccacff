//! Small tables as text for the clipboard: Markdown, LaTeX or CSV.

/// Formats that tables are copied in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A Markdown table.
    #[default]
    Markdown,
    /// A LaTeX `tabular`.
    Latex,
    /// Comma-separated values.
    Csv,
}

/// A head and rows of cells.
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Without rows.
    pub fn new(head: impl IntoIterator<Item = String>) -> Self {
        Table { head: head.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table in a format, each line ended.
    pub fn text(&self, format: Format) -> String {
        let lines = std::iter::once(&self.head).chain(&self.rows);
        match format {
            Format::Csv => lines.map(|line| join(line, quoted, "", ",", "\n")).collect(),
            Format::Markdown => {
                let mut text: Vec<String> = lines
                    .map(|line| join(line, |cell| cell.replace('|', "\\|"), "| ", " | ", " |\n"))
                    .collect();
                text.insert(1, format!("|{}\n", "---|".repeat(self.head.len())));
                text.concat()
            }
            Format::Latex => {
                let mut text: Vec<String> =
                    lines.map(|line| join(line, escaped, "", " & ", " \\\\\n")).collect();
                text.insert(1, "\\hline\n".into());
                let columns = "l".repeat(self.head.len());
                format!("\\begin{{tabular}}{{{columns}}}\n{}\\end{{tabular}}\n", text.concat())
            }
        }
    }
}

fn join(line: &[String], write: impl Fn(&str) -> String, first: &str, between: &str, last: &str) -> String {
    let cells: Vec<String> = line.iter().map(|cell| write(cell)).collect();
    format!("{first}{}{last}", cells.join(between))
}

/// A cell of CSV (RFC 4180).
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.into() }
}

/// A cell of LaTeX.
fn escaped(cell: &str) -> String {
    let mut text = String::new();
    for letter in cell.chars() {
        match letter {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => text.extend(['\\', letter]),
            '\\' => text.push_str("\\textbackslash{}"),
            '~' => text.push_str("\\textasciitilde{}"),
            '^' => text.push_str("\\textasciicircum{}"),
            '±' => text.push_str("$\\pm$"),
            'α' => text.push_str("$\\alpha$"),
            '×' => text.push_str("$\\times$"),
            '→' => text.push_str("$\\to$"),
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_survive_in_every_format() {
        let mut table = Table::new(["a, b".to_owned(), "c_d".to_owned()]);
        table.row(["87.4 ± 0.6 %".to_owned(), "x|y".to_owned()]);
        assert_eq!(table.text(Format::Csv), "\"a, b\",c_d\n87.4 ± 0.6 %,x|y\n");
        assert_eq!(table.text(Format::Markdown), "| a, b | c_d |\n|---|---|\n| 87.4 ± 0.6 % | x\\|y |\n");
        assert_eq!(
            table.text(Format::Latex),
            "\\begin{tabular}{ll}\na, b & c\\_d \\\\\n\\hline\n87.4 $\\pm$ 0.6 \\% & x|y \\\\\n\\end{tabular}\n"
        );
    }
}
