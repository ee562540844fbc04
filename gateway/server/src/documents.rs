//! The store of documents, beside the cores.
//!
//! Every look into it may wait for the disk, so it is done by threads of its own. Invariants: what waits is bounded in number and bytes; a
//! core does nothing for a document but hand it over; what was handed over is done although nobody waits for it any more.

use crate::bounded_side::BoundedSide;
use ringbolt_api::broker::Refusal;
use ringbolt_api::documents::{DocumentReply, DocumentWish, NewDocument};
use ringbolt_api::{ApiError, ErrorKind};
use ringbolt_broker::clock_ms;
use ringbolt_documents::{Error, Header, LINK_SECONDS_MAX, Limits, Store};
use ringbolt_ring::side::{Full, SideConfig};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Threads: one may wait for a sync while the other reads.
const THREADS: usize = 2;
/// Wishes that wait for a thread; one more is refused.
const QUEUE_MAX: usize = 64;
/// Bytes of documents that wait or are written; more are refused.
const BYTES_MAX: usize = 256 * 1024 * 1024;
/// The threads run when a core does not want their CPU.
const NICE: i32 = 19;
/// When to try again after a refusal.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The store's directory in the data directory.
pub(crate) const DIRECTORY: &str = "documents";

/// The store and its threads. Clones share them.
#[derive(Clone)]
pub(crate) struct Documents {
    store: Arc<Store>,
    side: BoundedSide,
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
        Ok(Documents { store: Arc::new(store), side })
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
        match self.side.run(bytes, move || act(&store, wish, clock_ms())) {
            Err(Full) => Err(ApiError::refused("DOCUMENT", Refusal::Overloaded { retry_after: RETRY_AFTER })),
            Ok(running) => match running.await {
                Ok(done) => done.map_err(|error| told(&error)),
                Err(panicked) => Err(ApiError::refused("DOCUMENT", Refusal::Internal(panicked.to_string()))),
            },
        }
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
        Error::OtherContent { .. } | Error::TooLarge { .. } => ErrorKind::InvalidArgument,
        Error::TooMany(_) | Error::Full(_) | Error::NoSpace => ErrorKind::ResourceExhausted,
        Error::BadLink(_) => ErrorKind::Forbidden,
        Error::Damaged { .. } | Error::Io { .. } => ErrorKind::Internal,
    };
    ApiError::new(kind, error.to_string())
}
