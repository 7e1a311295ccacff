//! What the state looks like: what surrounds the panes, and what lies over them. Pure: the state goes in, cells of a frame
//! come out.

mod form;
mod frame;
mod help;
mod import;
mod inside;
mod messages;
mod palette;
mod picker;
mod popup;
mod verdict;

use super::app::{App, Popup};
use super::panes;
use super::regions::{Regions, is_too_small};
use super::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

/// Draws everything, on the theme's paper.
pub fn render(app: &App, theme: &Theme, frame: &mut Frame) {
    draw(app, theme, frame);
    theme.paint(frame.buffer_mut());
}

fn draw(app: &App, theme: &Theme, frame: &mut Frame) {
    let area = frame.area();
    if is_too_small((area.width, area.height)) {
        return too_small(app, theme, area, frame);
    }
    let regions = Regions::of(area);
    panes::draw(app, theme, regions.body, frame);
    // What is reported may take lines of the pane.
    frame::render(app, theme, &regions, frame);
    match &app.popup {
        None | Some(Popup::Filter(_)) => {}
        Some(Popup::Help(top)) => help::render(app, theme, *top, area, frame),
        Some(Popup::Inside) => inside::render(app, theme, area, frame),
        Some(Popup::Verdict(top)) => verdict::render(app, theme, *top, area, frame),
        Some(Popup::Palette(palette)) => palette::render(app, theme, palette, area, frame),
        Some(Popup::Form(form)) => form::render(app, theme, form, area, frame),
        Some(Popup::Import(form)) => import::render(app, theme, form, area, frame),
        Some(Popup::Trial(line)) => popup::trial(app, theme, line, area, frame),
        Some(Popup::Limits(line)) => popup::limits(app, theme, line, area, frame),
        Some(Popup::Tags(line)) => popup::tags(app, theme, line, area, frame),
        Some(Popup::Notes(notes)) => popup::notes(theme, notes, area, frame),
        Some(Popup::Picker(picker)) => picker::render(app, theme, picker, area, frame),
        Some(Popup::Confirm(question, _)) => popup::confirm(theme, question, area, frame),
        Some(Popup::Messages(top)) => messages::render(app, theme, *top, area, frame),
    }
}

fn too_small(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let quit = app.keymap.label(super::action::Action::Quit, theme.utf8);
    let lines = [format!("{quit} quits"), "needs 20x5".into(), format!("is {}x{}", area.width, area.height)];
    let text = Text::from_iter(lines.map(|line| Line::styled(line, theme.tone(Tone::Plain))));
    frame.render_widget(text, area);
}
