//! Tables of batch operations, and of what was deleted.
//!
//! What is asked stands where it is led (`batch_operations`); how far each partition is with its part stands there (`batch_operation_counts`), with
//! the items (`batch_operation_items`). A file of finished instances has the items of its instances, so that these are found by them.
//!
//! `deleted_history` says whose rows are gone in files of finished instances, which never change: they are left out by whoever reads.

/// The items, with the index by which instances are found.
macro_rules! batch_items {
    () => {
        "CREATE TABLE batch_operation_items (
            batch_operation_key INTEGER NOT NULL,
            item_key INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            process_instance_key INTEGER,
            root_process_instance_key INTEGER,
            state INTEGER NOT NULL,
            processed_date INTEGER,
            error_message TEXT,
            tenant_id TEXT,
            PRIMARY KEY (batch_operation_key, item_key)
        ) WITHOUT ROWID;
        CREATE INDEX batch_operation_items_instance ON batch_operation_items (process_instance_key);
        CREATE INDEX batch_operation_items_text
            ON batch_operation_items (CAST(batch_operation_key AS TEXT), process_instance_key);
        "
    };
}

/// Everything that `hot.db` has of them.
macro_rules! batch_tables {
    () => {
        concat!(
            $crate::schema::batches::batch_items!(),
            "CREATE TABLE batch_operations (
                batch_operation_key INTEGER PRIMARY KEY,
                kind INTEGER NOT NULL,
                state INTEGER NOT NULL,
                start_date INTEGER,
                end_date INTEGER,
                errors TEXT,
                tenant_id TEXT
            );
            CREATE TABLE batch_operation_counts (
                batch_operation_key INTEGER PRIMARY KEY,
                items INTEGER NOT NULL,
                completed INTEGER NOT NULL,
                failed INTEGER NOT NULL,
                end_date INTEGER,
                tenant_id TEXT
            );
            CREATE TABLE deleted_history (
                number INTEGER PRIMARY KEY AUTOINCREMENT,
                process_instance_key INTEGER,
                decision_evaluation_key INTEGER,
                deleted_date INTEGER NOT NULL
            );
            CREATE INDEX deleted_history_instance ON deleted_history (process_instance_key);
            CREATE INDEX deleted_history_evaluation ON deleted_history (decision_evaluation_key)
                WHERE decision_evaluation_key IS NOT NULL;
            "
        )
    };
}

pub(crate) use {batch_items, batch_tables};
