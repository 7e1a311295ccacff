//! Signals that end, stop or interrupt the program from outside. The loop is told; if it can't listen, the terminal is
//! given back from here.

use super::News;
use crate::tui::term;
use rustix::process::Signal;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long the loop may take to end by itself: on a hung-up line, reading input never returns.
const PATIENCE: Duration = Duration::from_secs(2);

/// Listens on a thread of its own. Returns once it does, so that no signal finds the terminal taken and nobody to give it back.
pub fn listen(tell: Sender<News>) {
    let (listening, heed) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let heard = runtime.and_then(|runtime| runtime.block_on(wait(&tell, listening)));
        match heard {
            Ok(number) => {
                let _ = tell.send(News::End(number));
                std::thread::sleep(PATIENCE);
                term::restore();
                std::process::exit(128 + number);
            }
            Err(error) => tracing::warn!("signals are not heard: {error}"),
        }
    });
    // An end of the channel without a word: signals can't be heard, which was logged.
    let _ = heed.recv();
}

/// Stops this process until it is told to go on.
pub fn stop() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::STOP);
}

/// Waits for a signal that ends the program, and gives its number. `listening` is told when none can be missed any more.
async fn wait(tell: &Sender<News>, listening: Sender<()>) -> std::io::Result<i32> {
    let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
    let [mut terminate, mut hangup, mut interrupt] =
        [signal(kinds[0])?, signal(kinds[1])?, signal(kinds[2])?];
    let mut continued = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    let mut stopped = signal(SignalKind::from_raw(Signal::TSTP.as_raw()))?;
    let _ = listening.send(());
    loop {
        let kind = tokio::select! {
            _ = terminate.recv() => kinds[0],
            _ = hangup.recv() => kinds[1],
            _ = interrupt.recv() => kinds[2],
            _ = continued.recv() => {
                let _ = tell.send(News::Continued);
                continue;
            }
            _ = stopped.recv() => {
                if term::is_ours() {
                    let _ = tell.send(News::Stop);
                } else {
                    // An editor has the terminal, was told to stop too, and waits for us to follow.
                    stop();
                }
                continue;
            }
        };
        return Ok(kind.as_raw_value());
    }
}
