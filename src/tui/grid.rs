//! A table of cells of several lines, with one selected; columns that do not fit are scrolled to.

use super::sheet::Sheet;
use super::theme::{Theme, Tone};
use std::ops::Range;

/// Lines of a cell.
pub type Lines = Vec<(Tone, String)>;

/// A table.
pub struct Grid {
    /// Titles of the columns.
    pub head: Vec<String>,
    /// Title and cells of each row.
    pub rows: Vec<(String, Vec<Lines>)>,
    /// Row and column under the cursor.
    pub selected: Option<(usize, usize)>,
}

impl Grid {
    /// Writes it into at most `width` columns of the screen.
    pub fn write(&self, sheet: &mut Sheet, width: usize, theme: &Theme) {
        let grid = self.spelt(sheet);
        let first = grid.rows.iter().map(|(title, _)| title.chars().count()).max().unwrap_or(0) + 2;
        let cell = grid.cell_width();
        let shown = grid.shown(width.saturating_sub(first + 1) / cell.max(1));
        let more = |there: bool, sign| if there { sign } else { "" };
        let left = more(shown.start > 0, theme.text("‹", "<"));
        let mut head = vec![(Tone::Dim, format!("{left:<first$}"))];
        head.extend(grid.head[shown.clone()].iter().map(|title| (Tone::Strong, format!("{title:<cell$}"))));
        head.push((Tone::Dim, more(shown.end < grid.head.len(), theme.text("›", ">")).to_owned()));
        sheet.parts(head);
        for (row, (title, cells)) in grid.rows.iter().enumerate() {
            let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
            for line in 0..height {
                let title = if line == 0 { title.as_str() } else { "" };
                let mut parts = vec![(Tone::Strong, format!(" {title:<width$}", width = first - 1), false)];
                for column in shown.clone() {
                    let selected = line == 0 && grid.selected == Some((row, column));
                    let (tone, text) =
                        cells[column].get(line).map_or((Tone::Plain, ""), |(tone, text)| (*tone, text));
                    let text = format!("{}{text}", if selected { theme.pointer() } else { ' ' });
                    parts.push((tone, format!("{text:<cell$}"), selected));
                }
                sheet.selectable(parts);
            }
        }
    }

    /// The same in the terminal's alphabet, so that columns are as wide as they will be.
    fn spelt(&self, sheet: &Sheet) -> Grid {
        let line = |(tone, text): &(Tone, String)| (*tone, sheet.spell(text));
        let row = |(title, cells): &(String, Vec<Lines>)| {
            (sheet.spell(title), cells.iter().map(|lines| lines.iter().map(line).collect()).collect())
        };
        Grid {
            head: self.head.iter().map(|title| sheet.spell(title)).collect(),
            rows: self.rows.iter().map(row).collect(),
            selected: self.selected,
        }
    }

    /// As many columns as there is room for, the selected one among them.
    fn shown(&self, room: usize) -> Range<usize> {
        let selected = self.selected.map_or(0, |(_, column)| column);
        let start = (selected + 1).saturating_sub(room.max(1));
        start..(start + room.max(1)).min(self.head.len())
    }

    /// Columns of a cell: pointer, the longest line of all, and a blank.
    fn cell_width(&self) -> usize {
        let lines = self.rows.iter().flat_map(|(_, cells)| cells.iter().flatten());
        let texts = lines.map(|(_, text)| text.chars().count() + 1);
        let heads = self.head.iter().map(|title| title.chars().count());
        texts.chain(heads).max().unwrap_or(0) + 1
    }
}
