//! What surrounds every pane: the header with data, machine and queue, the tabs, and the footer with keys or news.

use crate::duration;
use crate::notebook::RunState;
use crate::tui::action::Action;
use crate::tui::app::{App, Popup};
use crate::tui::effect::Hold;
use crate::tui::eta;
use crate::tui::loaded::Loaded;
use crate::tui::messages::Kind;
use crate::tui::offers;
use crate::tui::pane::Pane;
use crate::tui::regions::Regions;
use crate::tui::sheet::{alphabet, folded};
use crate::tui::theme::{Theme, Tone};
use crate::tui::{keymap, tabs};
use crate::worker::slurm::Waiting;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr;

/// Draws header, tabs and footer.
pub fn render(app: &App, theme: &Theme, regions: &Regions, frame: &mut Frame) {
    header(app, theme, regions.header, frame);
    names(app, theme, regions.tabs, frame);
    footer(app, theme, regions.footer, frame);
}

fn header(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let data = match &app.data {
        Loaded::Ready(data) => {
            let name = &data.source.name;
            let subjects = data.subjects.join(" ");
            let subjects =
                if subjects.len() > 24 { format!("{} subjects", data.subjects.len()) } else { subjects };
            // A set of one subject that is called like it says so once.
            let whose = match (data.is_simulated(), data.subjects.as_slice()) {
                (true, _) => "simulated data".into(),
                (false, [one]) if one == name => alphabet(name, theme.utf8),
                _ => alphabet(&format!("{name} {subjects}"), theme.utf8),
            };
            let tone = if data.is_simulated() { Tone::Caution } else { Tone::Plain };
            let counts = format!(" {}+{}", data.train.len(), data.test.len());
            vec![Span::styled(whose, theme.tone(tone)), Span::raw(counts)]
        }
        Loaded::Waiting => {
            let what = app.chosen_set.as_deref().unwrap_or("the data");
            vec![Span::styled(alphabet(&format!("reading {what}…"), theme.utf8), theme.tone(Tone::Dim))]
        }
        Loaded::Failed(_) => {
            let key = app.keymap.label(Action::ChooseData, theme.utf8);
            vec![Span::styled(format!("no data: {key} chooses"), theme.tone(Tone::Bad))]
        }
    };
    let mut left = vec![Span::styled(" eeg-tui  ", theme.tone(Tone::Strong))];
    left.extend(data);
    // What has no room is left out: first the machine, then the data, then the program's name. That there are no data is
    // said before what the program is called.
    let queue = queue(app, theme, area.width.into());
    let mut right = machine(app, theme);
    let room = usize::from(area.width).saturating_sub(width_of(&queue) + 2);
    if width_of(&left) + width_of(&right) + 3 > room {
        right.clear();
    }
    if width_of(&left) > room && matches!(app.data, Loaded::Failed(_)) {
        left[0] = Span::raw(" ");
    }
    if width_of(&left) > room {
        left.truncate(1);
    }
    if width_of(&left) > room + 2 {
        left.clear();
    }
    if !right.is_empty() {
        right.push(Span::raw("   "));
    }
    right.extend(queue);
    justify(left, right, area, frame);
}

fn machine<'a>(app: &App, theme: &Theme) -> Vec<Span<'a>> {
    // Figures that move would send bytes for nothing while nothing happens.
    if !app.runs.iter().any(|run| run.state == RunState::Running) {
        return Vec::new();
    }
    let load = &app.load;
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let cpu =
        load.cpu.map(|busy| format!("cpu {}{} {:.0} %", theme.text("×", "x"), load.cores, 100.0 * busy));
    let gpu = load.gpu.as_ref().map(|gpu| {
        let (used, all) = gpu.memory;
        format!("{} {:.0} % {:.1}/{:.0} GB", gpu.name, 100.0 * gpu.busy, gib(used), gib(all))
    });
    let memory = match load.memory {
        Some((used, all)) if gpu.is_none() => Some(format!("mem {:.1}/{:.0} GB", gib(used), gib(all))),
        _ => None,
    };
    let parts: Vec<String> = [gpu, cpu, memory].into_iter().flatten().collect();
    vec![Span::styled(parts.join("  "), theme.tone(Tone::Dim))]
}

fn queue<'a>(app: &App, theme: &Theme, width: usize) -> Vec<Span<'a>> {
    let backlog = eta::backlog(&app.runs, &app.pace);
    let paused = app.runs.iter().filter(|run| run.state == RunState::Paused).count();
    if backlog.training + backlog.waiting == 0 {
        let text = match (app.indexed, paused) {
            (false, _) => return Vec::new(),
            (true, 0) => "queue empty ".to_owned(),
            (true, paused) => format!("queue empty, {paused} paused "),
        };
        return vec![Span::styled(text, theme.tone(if paused > 0 { Tone::Caution } else { Tone::Dim }))];
    }
    // A queue that silently stands still confuses more than anything else.
    if !app.worker && backlog.training == 0 {
        if let Some(job) = app.jobs.iter().find(|job| job.node.is_none()).or(app.jobs.first()) {
            return on_slurm(backlog.waiting, job, theme, width);
        }
        let start = app.keymap.label(Action::StartWorker, theme.utf8);
        let refused = app.device.as_ref().filter(|notice| notice.refused);
        let what = match (app.hold, refused) {
            (Some(Hold::NeverHere), _) => ": never here".into(),
            (_, Some(notice)) => format!(": no {}", notice.device),
            (Some(Hold::Ask | Hold::Never), None) => format!(": {start} starts one"),
            (None, None) => String::new(),
        };
        let waiting = backlog.waiting;
        let long = format!("{waiting} queued, no worker{what} ");
        let short = format!("{waiting} wait{what} ");
        let text = if long.width() <= width { long } else { short };
        return vec![Span::styled(text, theme.tone(Tone::Caution))];
    }
    let done =
        backlog.seconds.map(|seconds| format!(", done in {}", duration::short(seconds))).unwrap_or_default();
    let text = match (backlog.training, backlog.waiting) {
        (training, 0) => format!("training {training}{done} "),
        (training, waiting) => format!("training {training}, queue {waiting}{done} "),
    };
    vec![Span::styled(text, theme.tone(Tone::Active))]
}

/// What waits for a job, and when Slurm thinks that it will start, as far as there is room.
fn on_slurm<'a>(waiting: usize, job: &Waiting, theme: &Theme, width: usize) -> Vec<Span<'a>> {
    let state = job.state.to_lowercase();
    // The day is said by `list` and when the jobs are about to be given up.
    let time = job.start.as_deref().and_then(|start| start.split('T').nth(1)?.get(..5));
    let start = time.filter(|_| job.node.is_none()).map(|time| format!(", start {time}")).unwrap_or_default();
    let long = format!("{waiting} queued, {state} on Slurm{start} ");
    let text = if long.width() <= width { long } else { format!("{waiting} on Slurm ") };
    vec![Span::styled(text, theme.tone(Tone::Active))]
}

fn names(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut spans = vec![Span::raw(" ")];
    for pane in Pane::ALL {
        let style = if pane == app.pane { theme.selected() } else { theme.tone(Tone::Dim) };
        spans.push(Span::styled(tabs::tab(app, pane, area.width), style));
    }
    let room = usize::from(area.width).saturating_sub(width_of(&spans));
    let fits = |spans: &Vec<Span>| width_of(spans) <= room;
    let standing = standing(app, theme).into_iter().find(fits).unwrap_or_default();
    justify(spans, standing, area, frame);
}

/// By which rule accuracies are shown, and whether the picture stands still, from the longest words to the shortest. A picture
/// that stands still must say so: the rule goes first, which a pane of figures says itself.
fn standing<'a>(app: &App, theme: &Theme) -> Vec<Vec<Span<'a>>> {
    let optimistic = app.rule.is_optimistic();
    let rule = app.rule.name();
    let long = if optimistic { format!("rule: {rule}, optimistic ") } else { format!("rule: {rule} ") };
    let short = if optimistic { format!("{rule}* ") } else { format!("{rule} ") };
    let tone = theme.tone(if optimistic { Tone::Caution } else { Tone::Dim });
    let frozen = |text: &'static str| app.plots.frozen.then(|| Span::styled(text, theme.tone(Tone::Caution)));
    let with = |text: &'static str, rule: Option<&String>| -> Vec<Span> {
        frozen(text).into_iter().chain(rule.map(|rule| Span::styled(rule.clone(), tone))).collect()
    };
    vec![
        with("frozen  ", Some(&long)),
        with("frozen ", Some(&short)),
        with("frozen ", None),
        with("frozen", None),
        with("held", None),
    ]
}

fn footer(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    if let Some(Popup::Filter(_)) = app.popup {
        let help =
            "enter keeps, esc clears; words, or acc>85 act=elu,relu model~eeg (seed=0 or not tag=pilot)";
        let complaint = app.list.complaint.as_deref();
        let (text, tone) = complaint.map_or((help, Tone::Dim), |text| (text, Tone::Bad));
        return news(theme, text, tone, area, frame);
    }
    // A filter that is not understood shows another list than it says.
    let complaint = app.list.complaint.as_ref().filter(|_| app.pane == Pane::Runs && app.popup.is_none());
    if let Some(complaint) = complaint {
        return news(theme, &format!("The filter: {complaint}"), Tone::Bad, area, frame);
    }
    if let Some(entry) = app.messages.current(app.now) {
        let tone = if entry.kind == Kind::Failed { Tone::Bad } else { Tone::Good };
        return news(theme, &entry.text, tone, area, frame);
    }
    frame.render_widget(hints(app, theme, area.width), area);
}

/// A sentence in the footer's place; one that is long takes lines of the pane.
fn news(theme: &Theme, text: &str, tone: Tone, area: Rect, frame: &mut Frame) {
    let text = alphabet(text, theme.utf8);
    let width = usize::from(area.width.saturating_sub(2)).max(1);
    // What is said must not hide what it is about: in a low window the rest of it is under the list of messages.
    let lines = folded(&text, width, usize::from((area.y / 3).clamp(1, 5)), theme);
    let rows = (lines.len() as u16).max(1);
    let area = Rect { x: area.x + 1, y: area.y + 1 - rows, width: width as u16, height: rows };
    frame.render_widget(Clear, Rect { x: area.x - 1, width: area.width + 2, ..area });
    frame.render_widget(Text::from_iter(lines.into_iter().map(Line::raw)).style(theme.tone(tone)), area);
}

/// As many of the pane's keys as fit, the last three before all others.
fn hints<'a>(app: &App, theme: &Theme, width: u16) -> Line<'a> {
    let mut shown: Vec<&keymap::Binding> = app
        .keymap
        .of(app.pane)
        .filter(|binding| !binding.hint.is_empty() && !binding.keys.is_empty())
        .filter(|binding| offers::applies(app, binding.action))
        .collect();
    // What can be done here and nowhere else comes first, the way to the pane's other parts before that; in Runs, what a
    // newcomer needs.
    if app.pane != Pane::Runs {
        let everywhere = |binding: &keymap::Binding| binding.scope.len() == Pane::ALL.len();
        shown.sort_by_key(|binding| (everywhere(binding), binding.action != Action::NextPart));
    }
    // Without recordings that is the first thing to do; in panes about what is there already their own keys are.
    if matches!(app.data, Loaded::Failed(_)) && matches!(app.pane, Pane::Runs | Pane::Data) {
        shown.sort_by_key(|binding| binding.action != Action::ChooseData);
    }
    let text = |binding: &keymap::Binding| {
        let key = app.keymap.label(binding.action, theme.utf8);
        let hint = alphabet(&offers::hint(app, binding), theme.utf8);
        (key, format!(" {hint}  "))
    };
    let size = |binding: &&keymap::Binding| {
        let (key, hint) = text(binding);
        key.width() + hint.width()
    };
    let (most, mut always) = shown.split_at(shown.len().saturating_sub(3));
    // The way out stays on the smallest window.
    while always.iter().map(size).sum::<usize>() > usize::from(width.saturating_add(1)) && always.len() > 1 {
        always = &always[1..];
    }
    let mut room = usize::from(width).saturating_sub(1 + always.iter().map(size).sum::<usize>());
    let mut spans = vec![Span::raw(" ")];
    let mut add = |binding: &keymap::Binding| {
        let (key, hint) = text(binding);
        spans.push(Span::styled(key, theme.tone(Tone::Strong)));
        spans.push(Span::styled(hint, Style::new()));
    };
    for binding in most {
        let wanted = size(binding);
        if wanted > room {
            break;
        }
        room -= wanted;
        add(binding);
    }
    always.iter().for_each(|binding| add(binding));
    Line::from(spans)
}

/// Draws one text at the left end and one at the right.
pub fn justify(left: Vec<Span>, right: Vec<Span>, area: Rect, frame: &mut Frame) {
    let used = (width_of(&left) + width_of(&right)) as u16;
    let mut spans = left;
    spans.push(Span::raw(" ".repeat(area.width.saturating_sub(used).into())));
    spans.extend(right);
    frame.render_widget(Line::from(spans), area);
}

fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(Span::width).sum()
}
