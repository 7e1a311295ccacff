//! Where things lie on a screen of some size. Only geometry: what a click hits and how far a cursor can go follow from it,
//! and so does what is drawn.

use ratatui::layout::Rect;

/// What surrounds a pane, and the pane. Low terminals do without the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regions {
    /// Data, machine and queue; empty in low terminals.
    pub header: Rect,
    /// The panes' names.
    pub tabs: Rect,
    /// The pane.
    pub body: Rect,
    /// Keys, or what was reported.
    pub footer: Rect,
}

impl Regions {
    /// For a screen of this size, at least 20×5.
    pub fn of(area: Rect) -> Self {
        let header = u16::from(area.height >= 10);
        let line = |y, height| Rect { y: area.y + y, height, ..area };
        Regions {
            header: line(0, header),
            tabs: line(header, 1),
            body: line(header + 1, area.height.saturating_sub(header + 2)),
            footer: line(area.height.saturating_sub(1), 1),
        }
    }
}

/// Whether nothing but a word fits. Keys other than `q` do nothing then: no one sees what they would do.
pub fn is_too_small((columns, rows): (u16, u16)) -> bool {
    columns < 20 || rows < 5
}

/// Where the body of the screen lies.
pub fn body(size: (u16, u16)) -> Rect {
    Regions::of(Rect::new(0, 0, size.0, size.1)).body
}

/// On a small screen the lines of a frame are better spent on what it frames.
pub fn is_frameless(area: Rect) -> bool {
    area.width < 30 || area.height < 9
}

/// Where a box of this size lies, its frame included: in the middle, as large as there is room.
pub fn outline(size: (u16, u16), area: Rect) -> Rect {
    let (width, height) = (size.0.min(area.width), size.1.min(area.height));
    let x = area.x + (area.width - width) / 2;
    Rect { x, y: area.y + (area.height - height) / 2, width, height }
}

/// What a box of this size has room for.
pub fn inside(size: (u16, u16), area: Rect) -> Rect {
    let spot = outline(size, area);
    if is_frameless(area) {
        return Rect { y: spot.y + 1, height: spot.height.saturating_sub(1), ..spot };
    }
    let (width, height) = (spot.width.saturating_sub(4), spot.height.saturating_sub(2));
    Rect { x: spot.x + 2, y: spot.y + 1, width, height }
}
