//! Batch operations and their items.

use crate::codes::{BATCH_OPERATION_ITEM_STATES, BATCH_OPERATION_STATES, BATCH_OPERATION_TYPES};
use crate::view::{Kind, Place, View, plain};

/// Batch operations, each where it is led. How many items they have stands on every partition: see [`COUNTS`].
pub static BATCH_OPERATIONS: View = View {
    thing: "Batch Operation",
    from: "batch_operations b",
    key: &["b.batch_operation_key"],
    place: Place::Partitions,
    columns: &[
        plain("batchOperationKey", "b.batch_operation_key", Kind::Key),
        plain("state", "b.state", Kind::Enum(&BATCH_OPERATION_STATES)),
        plain("batchOperationType", "b.kind", Kind::Enum(&BATCH_OPERATION_TYPES)),
        plain("operationType", "b.kind", Kind::Enum(&BATCH_OPERATION_TYPES)),
        plain("startDate", "b.start_date", Kind::Time),
        plain("endDate", "b.end_date", Kind::Time),
        // Nobody is known by name yet.
        plain("actorType", "NULL", Kind::Text),
        plain("actorId", "NULL", Kind::Text),
        plain("operationsTotalCount", "0", Kind::Int),
        plain("operationsFailedCount", "0", Kind::Int),
        plain("operationsCompletedCount", "0", Kind::Int),
        plain("errors", "b.errors", Kind::Json),
    ],
};

/// What a partition counts of them: the key, then items, completed and failed ones, and whether its part has ended. A condition on [`BATCH_OPERATION_COUNTS`] follows.
pub const COUNTS: &str = "SELECT c.batch_operation_key, c.items, c.completed, c.failed, c.end_date IS NOT NULL \
                          FROM batch_operation_counts c WHERE ";

/// The rows that [`COUNTS`] reads.
pub static BATCH_OPERATION_COUNTS: View = View {
    thing: "Batch Operation",
    from: "batch_operation_counts c",
    key: &["c.batch_operation_key"],
    place: Place::Partitions,
    columns: &[plain("batchOperationKey", "c.batch_operation_key", Kind::Key)],
};

/// Items of batch operations.
pub static BATCH_OPERATION_ITEMS: View = View {
    thing: "Batch Operation Item",
    from: "batch_operation_items b",
    key: &["b.batch_operation_key", "b.item_key"],
    place: Place::Partitions,
    columns: &[
        plain("operationType", "b.kind", Kind::Enum(&BATCH_OPERATION_TYPES)),
        plain("batchOperationKey", "b.batch_operation_key", Kind::Key),
        plain("itemKey", "b.item_key", Kind::Key),
        plain("processInstanceKey", "b.process_instance_key", Kind::Key),
        plain("rootProcessInstanceKey", "b.root_process_instance_key", Kind::Key),
        plain("state", "b.state", Kind::Enum(&BATCH_OPERATION_ITEM_STATES)),
        plain("processedDate", "b.processed_date", Kind::Time),
        plain("errorMessage", "b.error_message", Kind::LongText),
    ],
};
