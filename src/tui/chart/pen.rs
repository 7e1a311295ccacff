//! Writing into a part of a buffer and nowhere else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A pen that cannot leave its area. Coordinates count from the area's top left corner.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
}

impl<'a> Pen<'a> {
    /// A pen for the part of `area` that the buffer has.
    pub fn new(buffer: &'a mut Buffer, area: Rect) -> Self {
        let area = area.intersection(buffer.area);
        Pen { buffer, area }
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.area.width.into()
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.area.height.into()
    }

    /// Writes one character, if the place is inside.
    pub fn put(&mut self, x: usize, y: usize, symbol: char, style: Style) {
        if x < self.width() && y < self.height() && symbol.width() == Some(1) {
            let place = (self.area.x + x as u16, self.area.y + y as u16);
            if let Some(cell) = self.buffer.cell_mut(place) {
                cell.set_char(symbol).set_style(Style::reset().patch(style));
            }
        }
    }

    /// Writes a text, cut off at `end` (a column) or the edge; returns the column after it.
    pub fn text(&mut self, x: usize, y: usize, text: &str, end: usize, style: Style) -> usize {
        let end = end.min(self.width());
        if x >= end || y >= self.height() {
            return x;
        }
        let place = (self.area.x + x as u16, self.area.y + y as u16);
        // Nothing of the look of what was there shines through.
        let style = Style::reset().patch(style);
        let (after, _) = self.buffer.set_stringn(place.0, place.1, text, end - x, style);
        usize::from(after - self.area.x)
    }

    /// Writes a text that ends before column `end`.
    pub fn text_right(&mut self, end: usize, y: usize, text: &str, style: Style) {
        self.text(end.saturating_sub(text.width()), y, text, end, style);
    }

    /// Whether a place is inside and still blank.
    pub fn is_blank(&self, x: usize, y: usize) -> bool {
        x < self.width()
            && y < self.height()
            && self
                .buffer
                .cell((self.area.x + x as u16, self.area.y + y as u16))
                .is_some_and(|cell| cell.symbol() == " ")
    }
}
