//! What the server's process and metrics say about the measured window.

use crate::error::Error;
use crate::h1::H1;
use crate::process::ProcessUsage;
use crate::prometheus::Page;
use ringbolt_ring::time::now;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Longest wait for a page of metrics.
const SCRAPE_MAX: Duration = Duration::from_secs(10);

/// The start or the end of the window.
#[derive(Clone, Debug)]
struct Mark {
    at: Instant,
    process: Option<ProcessUsage>,
    own: Option<ProcessUsage>,
    page: Option<Page>,
}

/// Watches a server from outside.
pub(crate) struct ServerWatch {
    pid: Option<u32>,
    metrics: Option<SocketAddr>,
    start: Option<Mark>,
    end: Option<Mark>,
    highest: ProcessUsage,
    last: Option<(Instant, ProcessUsage)>,
}

/// A process over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ProcessFigures {
    /// CPU time used, seconds.
    pub(crate) cpu_seconds: f64,
    /// CPU time per second.
    pub(crate) cores: f64,
    pub(crate) start: ProcessUsage,
    pub(crate) end: ProcessUsage,
    pub(crate) highest: ProcessUsage,
}

/// A look at the process while the load runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Glimpse {
    pub(crate) cores: f64,
    pub(crate) resident_bytes: u64,
}

impl ServerWatch {
    pub(crate) fn new(pid: Option<u32>, metrics: Option<SocketAddr>) -> Self {
        Self { pid, metrics, start: None, end: None, highest: ProcessUsage::default(), last: None }
    }

    async fn mark(&self) -> Result<Mark, Error> {
        // The metrics are read outside the window's CPU time, as far as that goes: they cost the server a millisecond.
        let page = match self.metrics {
            None => None,
            Some(addr) => Some(scrape(addr).await?),
        };
        let process = match self.pid {
            None => None,
            Some(pid) => Some(ProcessUsage::read(pid).ok_or_else(|| {
                Error::Arguments(format!("there is no process {pid} whose figures may be read"))
            })?),
        };
        Ok(Mark { at: now(), process, own: ProcessUsage::read(std::process::id()), page })
    }

    /// The warm-up is over.
    pub(crate) async fn open(&mut self) -> Result<(), Error> {
        let mark = self.mark().await?;
        self.highest = mark.process.unwrap_or_default();
        self.start = Some(mark);
        Ok(())
    }

    /// The window is over.
    pub(crate) async fn close(&mut self) -> Result<(), Error> {
        self.glimpse();
        self.end = Some(self.mark().await?);
        Ok(())
    }

    /// To be called about once a second.
    pub(crate) fn glimpse(&mut self) -> Option<Glimpse> {
        let (at, usage) = (now(), ProcessUsage::read(self.pid?)?);
        self.highest.resident_bytes = self.highest.resident_bytes.max(usage.resident_bytes);
        self.highest.anonymous_bytes = self.highest.anonymous_bytes.max(usage.anonymous_bytes);
        self.highest.peak_bytes = usage.peak_bytes;
        let (before, old) = self.last.replace((at, usage))?;
        let seconds = at.saturating_duration_since(before).as_secs_f64();
        let cores = if seconds > 0.0 { (usage.cpu_seconds - old.cpu_seconds) / seconds } else { 0.0 };
        Some(Glimpse { cores, resident_bytes: usage.resident_bytes })
    }

    fn figures(
        &self,
        which: impl Fn(&Mark) -> Option<ProcessUsage>,
        highest: ProcessUsage,
    ) -> Option<ProcessFigures> {
        let (from, to) = (self.start.as_ref()?, self.end.as_ref()?);
        let (start, end) = (which(from)?, which(to)?);
        let cpu_seconds = end.cpu_seconds - start.cpu_seconds;
        let seconds = to.at.saturating_duration_since(from.at).as_secs_f64();
        Some(ProcessFigures { cpu_seconds, cores: cpu_seconds / seconds.max(1e-9), start, end, highest })
    }

    /// The server's process over the window.
    pub(crate) fn server(&self) -> Option<ProcessFigures> {
        self.figures(|mark| mark.process, self.highest)
    }

    /// This process over the window.
    pub(crate) fn own(&self) -> Option<ProcessFigures> {
        self.figures(|mark| mark.own, ProcessUsage::default())
    }

    /// What the server's metrics counted in the window.
    pub(crate) fn metrics(&self) -> Option<Page> {
        Some(self.end.as_ref()?.page.as_ref()?.since(self.start.as_ref()?.page.as_ref()?))
    }
}

async fn scrape(addr: SocketAddr) -> Result<Page, Error> {
    let failed = |why: String| Error::Setup { step: "reading the server's metrics", why };
    let exchange = async {
        let mut connection = H1::connect(&addr.into()).await.map_err(|e| failed(e.to_string()))?;
        let request =
            format!("GET /actuator/prometheus HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
        let answer = connection.exchange(request.as_bytes()).await.map_err(|e| failed(e.to_string()))?;
        if answer.status != 200 {
            return Err(failed(format!("HTTP {}", answer.status)));
        }
        Ok(Page::parse(&String::from_utf8_lossy(answer.body)))
    };
    ringbolt_ring::timeout(SCRAPE_MAX, exchange).await.map_err(|elapsed| failed(elapsed.to_string()))?
}
