//! What runs beside the server of `ringbolt demo`: a story to try, a calm load, live figures, a summary.
//!
//! On a terminal the figures stand in one line that is drawn again; elsewhere they are lines. The load ends before the server does, so
//! that nothing fails which would not have.

use crate::demo_start::program;
use crate::logging::{self, Level, log};
use ringbolt_cli::{Story, cut, print, safe_lines, terminal_width};
use ringbolt_load::{DemoPlan, demo_load};
use ringbolt_ring::Shutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;

/// How long the server waits for the load and the story to end.
pub(crate) const END_MAX: Duration = Duration::from_secs(4);
/// How long of that what became of the story is waited for, and how often it is looked whether it is known.
const STORY_END_MAX: Duration = Duration::from_millis(1500);
const STORY_LOOK: Duration = Duration::from_millis(10);
/// Goes to the begin of the line and empties it.
const ANEW: &str = "\r\x1b[2K";

/// Where the server is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) rest: SocketAddr,
    pub(crate) grpc: SocketAddr,
    pub(crate) has_pages: bool,
}

/// Runs until the server is to stop.
pub(crate) async fn run(ports: Ports, shutdown: Shutdown, has_ended: Arc<AtomicBool>) {
    let (is_told, is_over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (told, over) = (is_told.clone(), is_over.clone());
    let (end, ended) = sync_channel(1);
    let tell = move || {
        let story = tell_story(ports, &told, &over);
        told.store(true, Ordering::SeqCst);
        // Nobody waits for it any more where the server could not wait.
        let _ = end.send(story.and_then(|story| story.end()));
    };
    if let Err(error) = std::thread::Builder::new().name("story".to_owned()).spawn(tell) {
        log(Level::Warn, "the demo has no story", &[("cause", &error)]);
        is_told.store(true, Ordering::SeqCst);
    }
    let width = terminal_width();
    let load = demo_load(DemoPlan::calm(ports.grpc), Some(&shutdown), |figures| {
        if is_told.load(Ordering::SeqCst) {
            show(&figures.to_string(), width);
        }
    });
    let load = load.await;
    is_over.store(true, Ordering::SeqCst);
    let story = end_of_story(&ended).await;
    logging::line_stands(false);
    match load {
        Ok(summary) => {
            let summary = safe_lines(&summary.to_string());
            print(&format!("{}{summary}\n", if width.is_some() { ANEW } else { "\n" }));
        }
        Err(error) => log(Level::Error, "the demo's load ended", &[("cause", &error)]),
    }
    if let Some(story) = story {
        print(&format!("\n{story}"));
    }
    has_ended.store(true, Ordering::SeqCst);
}

/// What became of the story, if that is known in time: the core goes on serving while it is asked.
async fn end_of_story(ended: &Receiver<Option<String>>) -> Option<String> {
    let known = async {
        loop {
            match ended.try_recv() {
                Ok(story) => return story,
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => ringbolt_ring::sleep(STORY_LOOK).await,
            }
        }
    };
    ringbolt_ring::timeout(STORY_END_MAX, known).await.ok().flatten()
}

/// Tells it and plays it until it is over; the story, where there is one.
fn tell_story(ports: Ports, is_told: &AtomicBool, is_over: &AtomicBool) -> Option<Story> {
    let begun =
        Story::of(ports.rest, ports.has_pages, program()).and_then(|mut story| Ok((story.begin()?, story)));
    match begun {
        Ok((text, story)) => {
            print(&text);
            is_told.store(true, Ordering::SeqCst);
            story.work(is_over);
            return Some(story);
        }
        // It may have been stopped at once.
        Err(_) if is_over.load(Ordering::SeqCst) => {}
        Err(error) => log(Level::Warn, "the demo has no story", &[("cause", &error)]),
    }
    None
}

fn show(figures: &str, width: Option<usize>) {
    match width {
        Some(width) => {
            print(&format!("{ANEW}{}", cut(figures, width.saturating_sub(1).max(1))));
            logging::line_stands(true);
        }
        None => print(&format!("{figures}\n")),
    }
}
