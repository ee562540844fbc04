//! How much the store of documents holds.

use crate::config::{ConfigError, error, mib};
use ringbolt_documents::Limits;

/// All documents of one request unless told otherwise, MiB: as with Camunda.
const DOCUMENT_MIB_DEFAULT: u64 = 10;
/// The most that may be set, MiB: a request's documents lie in memory.
const DOCUMENT_MIB_MAX: u64 = 256;
/// Documents that are kept unless told otherwise.
const DOCUMENTS_DEFAULT: u64 = 100_000;
/// The most that may be set: each takes some 100 bytes of memory.
const DOCUMENTS_MAX: u64 = 10_000_000;
/// Files of all documents unless told otherwise, MiB.
const TOTAL_MIB_DEFAULT: u64 = 1024;

/// Checks the three bounds.
pub(crate) fn documents(
    document_mib: Option<u64>,
    documents_max: Option<u64>,
    total_mib: Option<u64>,
) -> Result<Limits, ConfigError> {
    if document_mib.is_some_and(|mib| mib > DOCUMENT_MIB_MAX) {
        return Err(error("document-mib", format!("more than {DOCUMENT_MIB_MAX} MiB")));
    }
    let documents_max = documents_max.unwrap_or(DOCUMENTS_DEFAULT);
    if documents_max > DOCUMENTS_MAX {
        return Err(error("documents-max", format!("more than {DOCUMENTS_MAX}")));
    }
    Ok(Limits {
        document_bytes_max: mib("document-mib", document_mib, DOCUMENT_MIB_DEFAULT)?,
        documents_max,
        total_bytes_max: mib("documents-total-mib", total_mib, TOTAL_MIB_DEFAULT)?,
    })
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn bounds_are_checked() {
        let limits = documents(None, None, None).expect("the defaults hold");
        assert_eq!((limits.document_bytes_max, limits.documents_max), (10 << 20, 100_000));
        assert_eq!(documents(Some(1), Some(0), Some(2)).map(|limits| limits.documents_max).ok(), Some(0));
        for (document, count, total, name) in [
            (Some(0), None, None, "document-mib"),
            (Some(257), None, None, "document-mib"),
            (None, Some(10_000_001), None, "documents-max"),
            (None, None, Some(0), "documents-total-mib"),
        ] {
            let refused = documents(document, count, total).expect_err("out of range").to_string();
            assert!(refused.starts_with(&format!("setting {name}: ")), "{refused}");
        }
    }
}
