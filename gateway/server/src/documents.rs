//! The store of documents, beside the cores.
//!
//! Every look into it may wait for the disk, so it is done by threads of its own. Invariants: what waits is bounded in number and bytes; a
//! core does nothing for a document but hand it over; what was handed over is done although nobody waits for it any more.

use crate::bounded_side::{BoundedSide, Kept};
use crate::logging::{Level, log};
use bytes::Bytes;
use ringbolt_api::broker::Refusal;
use ringbolt_api::documents::{DocumentReply, DocumentWish, NewDocument};
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_broker::clock_ms;
use ringbolt_documents::{Error, Header, LINK_SECONDS_MAX, Limits, Store};
use ringbolt_ring::side::{Full, SideConfig};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Threads: one may wait for a sync while the other reads.
const THREADS: usize = 2;
/// Wishes that wait for a thread; one more is refused.
const QUEUE_MAX: usize = 64;
/// Bytes of documents that wait, are written, or were read and are not sent yet; more are refused.
const BYTES_MAX: usize = 256 * 1024 * 1024;
/// The threads run when a core does not want their CPU.
const NICE: i32 = 19;
/// When to try again after a refusal.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often documents whose time is over are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(30);
/// How many of them in one go, between others' wishes.
const SWEPT_MAX: usize = 100;
/// How long the others have then.
const SWEEP_PAUSE: Duration = Duration::from_millis(10);
/// The store's directory in the data directory.
pub(crate) const DIRECTORY: &str = "documents";

/// The store and its threads. Clones share them.
#[derive(Clone)]
pub(crate) struct Documents {
    store: Arc<Store>,
    side: BoundedSide,
    /// Its other end is the sweeper's, which ends when this is gone.
    _sweeper: mpsc::Sender<()>,
}

impl Documents {
    /// Opens the store of a data directory and starts its threads.
    ///
    /// # Errors
    /// When the store cannot be opened, or a thread started.
    pub(crate) fn start(data: &Path, limits: Limits) -> Result<Documents, String> {
        let store = Store::open(&data.join(DIRECTORY), limits).map_err(|error| error.to_string())?;
        let config = SideConfig { name: "documents", threads: THREADS, queue_max: QUEUE_MAX, nice: NICE };
        let side = BoundedSide::start(config, BYTES_MAX)
            .map_err(|error| format!("cannot start threads for documents: {error}"))?;
        let store = Arc::new(store);
        let (sweeper, ends) = mpsc::channel();
        let swept = store.clone();
        std::thread::Builder::new()
            .name("documents-end".to_owned())
            .spawn(move || sweep(&swept, &ends, SWEEP_EVERY))
            .map_err(|error| format!("cannot start a thread for documents: {error}"))?;
        Ok(Documents { store, side, _sweeper: sweeper })
    }

    /// Waits for what is being written; nothing is written after, whatever still waits for a thread.
    pub(crate) fn stop(&self) {
        self.store.close();
    }

    /// Bytes that it holds.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.store.held().1
    }

    /// Has the store do something.
    ///
    /// # Errors
    /// What the client is told instead.
    pub(crate) async fn ask(&self, wish: DocumentWish) -> Result<DocumentReply, ApiError> {
        let bytes = match &wish {
            DocumentWish::Create(new) => new.content.len() + new.metadata.len(),
            _ => 0,
        };
        let store = self.store.clone();
        let full = |Full| ApiError::refused("DOCUMENT", Refusal::Overloaded { retry_after: RETRY_AFTER });
        match self.side.run(bytes, move || act(&store, wish, clock_ms())) {
            Err(error) => Err(full(error)),
            Ok(running) => match running.await {
                Ok(Ok(DocumentReply::Content { content, content_type, file_name })) => {
                    let kept = self.side.keep(content.len()).map_err(full)?;
                    let content = Bytes::from_owner(Sent { content, _kept: kept });
                    Ok(DocumentReply::Content { content, content_type, file_name })
                }
                Ok(done) => done.map_err(|error| told(&error)),
                Err(panicked) => Err(ApiError::refused("DOCUMENT", Refusal::Internal(panicked.to_string()))),
            },
        }
    }
}

/// A document on its way to its client, which counts until it is sent.
struct Sent {
    content: Bytes,
    _kept: Kept,
}

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

/// Deletes documents whose time is over, until nobody has the store any more. An error is told once: as a rule the next one is the same.
fn sweep(store: &Store, ends: &mpsc::Receiver<()>, every: Duration) {
    let (mut pause, mut is_told) = (every, false);
    while ends.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
        pause = match store.sweep(SWEPT_MAX, clock_ms()) {
            Ok(SWEPT_MAX) => SWEEP_PAUSE,
            Ok(_) => every,
            Err(error) => {
                if !std::mem::replace(&mut is_told, true) {
                    log(Level::Warn, "documents that ended are not deleted", &[("cause", &error)]);
                }
                every
            }
        };
    }
}

fn act(store: &Store, wish: DocumentWish, now_ms: i64) -> Result<DocumentReply, Error> {
    let content = |(header, content): (Header, _)| DocumentReply::Content {
        content,
        content_type: header.content_type,
        file_name: header.file_name,
    };
    match wish {
        DocumentWish::Create(new) => {
            let NewDocument { id, content, content_type, file_name, expires_at_ms, metadata } = new;
            let header = Header { id, content_type, file_name, expires_at_ms, metadata, ..Header::default() };
            let created = store.create(header, &content, now_ms)?;
            Ok(DocumentReply::Created { id: created.id, hash: created.hash })
        }
        DocumentWish::Get { id, hash } => store.get(&id, hash.as_deref(), now_ms).map(content),
        DocumentWish::Delete { id } => store.delete(&id).map(|()| DocumentReply::Deleted),
        DocumentWish::Link { id, hash, lives_ms } => {
            let until_ms = now_ms + lives_ms.clamp(1, LINK_SECONDS_MAX * 1000);
            let signature = store.link(&id, hash.as_deref(), until_ms, now_ms)?;
            Ok(DocumentReply::Signed { until_ms, signature })
        }
        DocumentWish::Follow { id, until_ms, signature } => {
            store.follow(&id, until_ms, &signature, now_ms).map(content)
        }
    }
}

fn told(error: &Error) -> ApiError {
    let kind = match error {
        Error::NotFound(_) => ErrorKind::NotFound,
        Error::AlreadyExists(_) => ErrorKind::AlreadyExists,
        Error::OtherContent { .. } | Error::TooLarge { .. } | Error::TextsTooLarge { .. } => {
            ErrorKind::InvalidArgument
        }
        Error::Closed => ErrorKind::Unavailable,
        Error::TooMany(_) | Error::Full(_) | Error::NoSpace => ErrorKind::ResourceExhausted,
        Error::BadLink(_) => ErrorKind::Forbidden,
        Error::Damaged { .. } | Error::Io { .. } => ErrorKind::Internal,
    };
    ApiError::new(kind, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::sweep;
    use ringbolt_documents::{Header, Limits, Store};
    use std::sync::{Arc, mpsc};
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_over_is_deleted_although_nobody_needs_the_room() {
        let dir = tempfile::tempdir().expect("a directory");
        let limits = Limits { document_bytes_max: 100, documents_max: 1_000, total_bytes_max: 1 << 20 };
        let store = Arc::new(Store::open(dir.path(), limits).expect("a store"));
        for number in 0..150 {
            let header =
                Header { id: number.to_string(), expires_at_ms: Some(number + 1), ..Header::default() };
            store.create(header, b"", 0).expect("kept");
        }
        store.create(Header { id: "stays".to_owned(), ..Header::default() }, b"", 0).expect("kept");
        let (sender, ends) = mpsc::channel();
        let swept = store.clone();
        let thread = std::thread::spawn(move || sweep(&swept, &ends, Duration::from_millis(1)));
        let begun = Instant::now();
        while store.held().0 > 1 && begun.elapsed() < Duration::from_secs(30) {
            std::thread::yield_now();
        }
        assert_eq!(store.held().0, 1);
        drop(sender);
        thread.join().expect("it ends");
    }
}
