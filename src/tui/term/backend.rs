//! Drawing on the terminal with as few bytes as can be: a frame in which nothing changed sends none, any other goes out
//! at once between the marks of a synchronised update, so that no terminal shows half of it.

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer;
use ratatui::layout::{Position, Size};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::rc::Rc;

/// "Hold the picture" and "show it" (private mode 2026); terminals that don't know it ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// A terminal's file that is written to once a frame.
pub struct Tty {
    file: File,
    pending: Vec<u8>,
    sent: Rc<Cell<usize>>,
}

impl Tty {
    /// Collects what is written until it is flushed.
    pub fn new(file: File) -> Self {
        Tty { file, pending: Vec::new(), sent: Rc::default() }
    }

    /// Columns and rows, asked of the terminal itself: standard output may be elsewhere.
    fn size(&self) -> io::Result<Size> {
        let size = rustix::termios::tcgetwinsize(&self.file)?;
        Ok(Size { width: size.ws_col, height: size.ws_row })
    }
}

impl Write for Tty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let frame = [BEGIN, &self.pending, END].concat();
        self.pending.clear();
        self.sent.set(self.sent.get() + frame.len());
        self.file.write_all(&frame)
    }
}

/// ratatui's backend for crossterm, made quiet.
pub struct Quiet {
    inner: CrosstermBackend<Tty>,
    sent: Rc<Cell<usize>>,
    size: Box<dyn Fn() -> io::Result<Size>>,
}

impl Quiet {
    /// Draws on this file.
    pub fn new(tty: Tty) -> Self {
        let probe = tty.file.try_clone().map(Tty::new);
        let size = move || match &probe {
            Ok(tty) => tty.size(),
            Err(error) => Err(io::Error::from(error.kind())),
        };
        Quiet { sent: tty.sent.clone(), inner: CrosstermBackend::new(tty), size: Box::new(size) }
    }

    /// Bytes of all frames so far.
    pub fn sent(&self) -> usize {
        self.sent.get()
    }
}

impl Backend for Quiet {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a buffer::Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() { Ok(()) } else { self.inner.draw(content) }
    }

    /// It is hidden once, with the other modes, and never shown: text fields draw their own.
    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        (self.size)()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}
