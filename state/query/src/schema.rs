//! The tables.
//!
//! A partition has one `hot.db`. Tables whose rows belong to instances stand in it three times: `live_` with indexes, and
//! `recent_a_` and `recent_b_` for instances that have ended since the last file of finished instances was made. These are virtual tables over `recent_a_blocks`
//! and `recent_b_blocks`, whose rows are many rows of a table each ([`crate::blocks`]). Each
//! name without a prefix is a view over the three, and in a file of finished instances a table: one text of SQL reads both.
//! Tables of definitions and resources stand in `hot.db` alone, but for the small rows of process definitions and their
//! elements, which every file has.
//!
//! How columns are written
//! - Keys and moments (milliseconds since 1970) are INTEGER, flags 0 or 1, what is absent is NULL; lists and objects are JSON
//!   as TEXT, NULL for an empty one. A value of a variable or a result is its JSON text.
//! - Enums are the code of their name, see [`crate::codes`].
//! - `tenant_id` is NULL for the default tenant.
//! - `incident_count` counts the active incidents of a row's element instance, and of everything below it, called instances
//!   included; "has an incident" is `incident_count > 0`.
//! - Names of definitions and of elements are not repeated: they are joined from `process_definitions` (by
//!   `process_definition_key`) and `elements` (by that and `element_id`).
//! - An instance's business id and tags stand in its row alone, with the key since which it has a business id that it was given later (what has a smaller
//!   one is without it); when it began stands in its element instances too (`process_start_date`), so that an index has
//!   those of an element in that order.
//!
//! An instance that is written once, when it has ended, has the sequence flows that it took in its own row (`flows`, a list of their ids): two rows less for
//! each of many. Others have a row for each in `sequence_flows`. `taken_flows` is a view over both, in every file and over each set.
//!
//! For who reads: a view of three tables is read through its indexes when it stands in FROM or in a scalar subquery. On the right
//! of a LEFT JOIN it is not: read a column of another view by a subquery on its key.
//!
//! `store` says up to which `position` everything is here, but for the instances whose keys are in `young` (8 bytes each, little endian):
//! they began at the position `resume` or later, and are written when they end or grow old.
//!
//! A job `is_over` when nobody waits for it any more: NULL or 1.
//!
//! `filling` is from where on the engine's state is still to be told, since the log lacks something (NULL: nothing), `told` the instances that it told of so far.
//!
//! `event_waits` has the timers of instances, and the signals and conditions that catch events inside them wait for. What jobs, user tasks and messages are
//! waited for is in their own tables.
//!
//! `job_counts` counts what became of jobs, by the minute since 1970, their type and worker; `usage` and `usage_assignees` count what began, was evaluated, and to whom tasks were given, by the minute since 1970.
//!
//! Every table has an INTEGER PRIMARY KEY but for `sequence_flows` (instance, flow), `correlated_message_subscriptions`
//! (subscription, message), `decision_instances` (evaluation, number of the decision in it) and `elements` (definition, id), `usage_assignees`, and `identity`, which has one row.

pub(crate) mod batches;
mod instances;

use batches::{batch_items, batch_tables};
use instances::{instance_indexes, instance_tables, taken_flows};
use rusqlite::{Connection, ErrorCode};

/// Version of the layout, in every file's `user_version`. A file of another version is set aside.
pub const SCHEMA_VERSION: i32 = 10;

/// `application_id` of every file: "Rbqs".
pub const APPLICATION_ID: i32 = 0x5262_7173;

/// Size of a page. Most rows are written once, in order: fewer and larger pages cost a third less than SQLite's 4 KiB.
pub(crate) const PAGE_BYTES: i64 = 16_384;

/// What a file says it is: its `application_id` and `user_version`.
pub(crate) fn made_as(connection: &Connection) -> rusqlite::Result<(i32, i32)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

/// Whether an error says that a file is damaged.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Characters of a variable's value that its index holds. A search by value says `substr(value, 1, 48) = substr(?, 1, 48)` too.
pub const VALUE_INDEX_CHARS: usize = 48;

/// Hands the tables whose rows belong to instances over to a macro, without prefix.
macro_rules! of_instances {
    ($macro:ident) => {
        $macro!(
            "process_instances",
            "element_instances",
            "sequence_flows",
            "variables",
            "jobs",
            "incidents",
            "user_tasks",
            "message_subscriptions",
            "event_waits",
            "correlated_message_subscriptions",
            "decision_instances",
        )
    };
}

macro_rules! names {
    ($($table:literal,)*) => {
        [$($table),*]
    };
}

/// Tables whose rows belong to instances, without prefix.
pub const INSTANCE_TABLES: [&str; 11] = of_instances!(names);

/// The view over [`INSTANCE_TABLES`] that has what instances took of sequence flows.
pub const TAKEN_FLOWS: &str = "taken_flows";

/// Views without a prefix over the tables of all three.
macro_rules! instance_views {
    ($($table:literal,)*) => {
        concat!($(
            "CREATE VIEW ", $table, " AS SELECT * FROM live_", $table,
            " UNION ALL SELECT * FROM recent_a_", $table,
            " UNION ALL SELECT * FROM recent_b_", $table, ";\n",
        )*)
    };
}

/// Both sets of what has ended: blocks, and what shows each table's rows in them.
macro_rules! recent_sets {
    ($($table:literal,)*) => {
        concat!(recent_sets!(@blocks "recent_a_"), recent_sets!(@blocks "recent_b_"), $(
            recent_sets!(@table "recent_a_", $table),
            recent_sets!(@table "recent_b_", $table),
        )*)
    };
    (@blocks $set:literal) => {
        concat!(
            "CREATE TABLE ", $set, "blocks (
                number INTEGER PRIMARY KEY,
                rows INTEGER NOT NULL,
                key_min INTEGER NOT NULL,
                key_max INTEGER NOT NULL,
                instance_min INTEGER NOT NULL,
                instance_max INTEGER NOT NULL,
                sum INTEGER NOT NULL,
                keys BLOB NOT NULL,
                body BLOB NOT NULL
            );
            CREATE INDEX ", $set, "list ON ", $set, "blocks (number, rows, key_min, key_max, instance_min, instance_max, sum);\n",
        )
    };
    (@table $set:literal, $table:literal) => {
        concat!("CREATE VIRTUAL TABLE ", $set, $table, " USING recent_rows(", $set, ", ", $table, ");\n")
    };
}

/// What every file has: how far it has come, and what instances refer to.
macro_rules! shared_tables {
    () => {
        "CREATE TABLE process_definitions (
            process_definition_key INTEGER PRIMARY KEY,
            process_definition_id TEXT NOT NULL,
            name TEXT,
            version INTEGER NOT NULL,
            version_tag TEXT,
            resource_name TEXT NOT NULL,
            has_start_form INTEGER NOT NULL,
            start_form_id TEXT,
            state INTEGER NOT NULL,
            deployment_key INTEGER,
            tenant_id TEXT
        );
        CREATE INDEX process_definitions_id ON process_definitions (process_definition_id, version);
        CREATE TABLE elements (
            process_definition_key INTEGER NOT NULL,
            element_id TEXT NOT NULL,
            element_type INTEGER,
            element_name TEXT,
            custom_headers TEXT,
            properties TEXT,
            PRIMARY KEY (process_definition_key, element_id)
        ) WITHOUT ROWID;
        "
    };
}

/// What came after the layout of this version. Indexes: those of a process that have not ended by their keys; suspended ones; jobs that are tried again.
/// And a number that no other file has, by which cursors are told from those of another store.
macro_rules! added_later {
    () => {
        "CREATE TABLE IF NOT EXISTS identity AS SELECT random() AS number;
        CREATE INDEX IF NOT EXISTS live_process_instances_alive
            ON live_process_instances (process_definition_key, state) WHERE end_date IS NULL;
        CREATE INDEX IF NOT EXISTS live_process_instances_suspended
            ON live_process_instances (start_date) WHERE state = 2;
        CREATE INDEX IF NOT EXISTS live_jobs_retried
            ON live_jobs (process_instance_key) WHERE has_failed_with_retries_left;
        "
    };
}

/// What a `hot.db` of before may lack.
pub const ADDED_LATER: &str = added_later!();

/// Everything in a new `hot.db`. `store` has one row.
pub const HOT_DDL: &str = concat!(
    shared_tables!(),
    instance_tables!("live_"),
    of_instances!(recent_sets),
    instance_indexes!("live_"),
    "CREATE INDEX live_process_instances_end ON live_process_instances (end_date) WHERE end_date IS NOT NULL;",
    added_later!(),
    of_instances!(instance_views),
    taken_flows!("live_"),
    taken_flows!("recent_a_"),
    taken_flows!("recent_b_"),
    // None of the living has them in its own row.
    "CREATE VIEW taken_flows AS ",
    taken_flows!(alone "live_"),
    " UNION ALL ",
    taken_flows!(alone "recent_a_"),
    " UNION ALL ",
    taken_flows!(alone "recent_b_"),
    " UNION ALL ",
    taken_flows!(together "recent_a_"),
    " UNION ALL ",
    taken_flows!(together "recent_b_"),
    ";\n",
    batch_tables!(),
    "CREATE TABLE store (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        position INTEGER NOT NULL,
        resume INTEGER NOT NULL,
        young BLOB NOT NULL,
        life BLOB NOT NULL,
        complete_since INTEGER NOT NULL,
        recent_set INTEGER NOT NULL,
        next_file INTEGER NOT NULL,
        bytes_max INTEGER,
        filling BLOB
    );
    CREATE TABLE told (instance INTEGER PRIMARY KEY);
    CREATE TABLE usage (
        minute INTEGER PRIMARY KEY,
        process_instances INTEGER NOT NULL,
        decision_instances INTEGER NOT NULL
    );
    CREATE TABLE job_counts (
        minute INTEGER NOT NULL,
        type TEXT NOT NULL,
        worker TEXT NOT NULL,
        tenant_id TEXT NOT NULL,
        created INTEGER NOT NULL,
        created_at INTEGER,
        completed INTEGER NOT NULL,
        completed_at INTEGER,
        failed INTEGER NOT NULL,
        failed_at INTEGER,
        PRIMARY KEY (minute, type, worker, tenant_id)
    ) WITHOUT ROWID;
    CREATE TABLE job_counts_full (minute INTEGER PRIMARY KEY);
    CREATE TABLE usage_assignees (
        minute INTEGER NOT NULL,
        hash INTEGER NOT NULL,
        PRIMARY KEY (minute, hash)
    ) WITHOUT ROWID;
    CREATE TABLE finished_files (
        number INTEGER PRIMARY KEY,
        instances INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        key_min INTEGER NOT NULL,
        key_max INTEGER NOT NULL,
        start_date_min INTEGER NOT NULL,
        end_date_min INTEGER NOT NULL,
        end_date_max INTEGER NOT NULL
    );
    CREATE TABLE process_definition_xml (process_definition_key INTEGER PRIMARY KEY, xml BLOB NOT NULL);
    CREATE TABLE decision_requirements (
        decision_requirements_key INTEGER PRIMARY KEY,
        decision_requirements_id TEXT NOT NULL,
        decision_requirements_name TEXT NOT NULL,
        version INTEGER NOT NULL,
        namespace TEXT NOT NULL,
        resource_name TEXT NOT NULL,
        deployment_key INTEGER,
        is_deleted INTEGER NOT NULL,
        tenant_id TEXT
    );
    CREATE INDEX decision_requirements_by_id ON decision_requirements (decision_requirements_id, version);
    CREATE TABLE decision_requirements_xml (decision_requirements_key INTEGER PRIMARY KEY, xml BLOB NOT NULL);
    CREATE TABLE decision_definitions (
        decision_definition_key INTEGER PRIMARY KEY,
        decision_definition_id TEXT NOT NULL,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        version_tag TEXT,
        decision_requirements_id TEXT NOT NULL,
        decision_requirements_key INTEGER NOT NULL,
        deployment_key INTEGER,
        is_deleted INTEGER NOT NULL,
        tenant_id TEXT
    );
    CREATE INDEX decision_definitions_by_id ON decision_definitions (decision_definition_id, version);
    CREATE TABLE forms (
        form_key INTEGER PRIMARY KEY,
        form_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        version_tag TEXT,
        resource_name TEXT NOT NULL,
        schema BLOB NOT NULL,
        deployment_key INTEGER,
        is_deleted INTEGER NOT NULL,
        tenant_id TEXT
    );
    CREATE INDEX forms_by_id ON forms (form_id, version);
    CREATE TABLE resources (
        resource_key INTEGER PRIMARY KEY,
        resource_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        version_tag TEXT,
        resource_name TEXT NOT NULL,
        content BLOB NOT NULL,
        deployment_key INTEGER,
        is_deleted INTEGER NOT NULL,
        tenant_id TEXT
    );
    CREATE TABLE cluster_variables (
        id TEXT PRIMARY KEY,
        scope INTEGER NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        metadata TEXT NOT NULL,
        is_deleted INTEGER NOT NULL,
        tenant_id TEXT
    );
    CREATE INDEX resources_by_id ON resources (resource_id, version);
    "
);

/// Everything in a new file of finished instances, but for its indexes.
pub const FINISHED_DDL: &str =
    concat!(shared_tables!(), batch_items!(), instance_tables!(""), taken_flows!(""));

/// The indexes of a file of finished instances, made when it is complete.
pub const FINISHED_INDEXES: &str =
    concat!(instance_indexes!(""), "CREATE INDEX process_instances_end ON process_instances (end_date);");

/// A new `hot.db` in memory.
#[cfg(test)]
pub(crate) fn hot_in_memory() -> Connection {
    let hot = Connection::open_in_memory().expect("a database");
    crate::recent::register_writer(&hot, &std::sync::Arc::default()).expect("a module");
    hot.execute_batch(HOT_DDL).expect("SQL");
    hot
}

#[cfg(test)]
mod tests {
    use super::{FINISHED_DDL, FINISHED_INDEXES, INSTANCE_TABLES, TAKEN_FLOWS, hot_in_memory};
    use rusqlite::Connection;

    fn columns(connection: &Connection, table: &str) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT name || ' ' || type FROM pragma_table_info(?)").expect("SQL");
        let rows = statement.query_map([table], |row| row.get(0)).expect("a query");
        rows.collect::<Result<_, _>>().expect("rows")
    }

    #[test]
    fn views_and_files_of_finished_instances_have_the_same_columns() {
        let hot = hot_in_memory();
        let finished = Connection::open_in_memory().expect("a database");
        finished.execute_batch(FINISHED_DDL).expect("SQL");
        finished.execute_batch(FINISHED_INDEXES).expect("SQL");
        for table in INSTANCE_TABLES.into_iter().chain([TAKEN_FLOWS]) {
            let view = columns(&hot, table);
            assert!(view.len() > 4, "{table}");
            assert_eq!(view, columns(&finished, table), "{table}");
        }
        let of_both = "SELECT count(*) FROM sqlite_schema WHERE type = 'view'";
        let views: usize = hot.query_row(of_both, [], |row| row.get(0)).expect("a row");
        // One over each set, and one over all.
        assert_eq!(views, INSTANCE_TABLES.len() + 4);
    }

    /// The shape of queries that searches use: each of the three tables is read by an index or by its key.
    #[test]
    fn a_view_is_read_through_its_indexes() {
        let hot = hot_in_memory();
        let plan = |sql: &str| -> String {
            let mut statement = hot.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("SQL");
            let rows = statement.query_map([], |row| row.get::<_, String>(3)).expect("a query");
            rows.map(|row| row.expect("a row") + "\n").collect()
        };
        let taken = plan(
            "SELECT f.process_instance_key, f.element_id FROM taken_flows f WHERE f.process_instance_key = 1 \
             ORDER BY f.process_instance_key, f.element_id LIMIT 50",
        );
        for (count, how) in [
            (1, "live_sequence_flows USING PRIMARY KEY (process_instance_key=?)"),
            (2, "_sequence_flows VIRTUAL TABLE INDEX 1:key"),
            (2, "SCAN p VIRTUAL TABLE INDEX 1:key"),
            (2, "SCAN f VIRTUAL TABLE INDEX 1:\n"),
        ] {
            assert_eq!(taken.matches(how).count(), count, "{taken}");
        }
        let newest = plan(
            "SELECT p.process_instance_key, d.name FROM process_instances p \
             JOIN process_definitions d ON d.process_definition_key = p.process_definition_key \
             WHERE p.process_definition_key = 1 AND p.state = 0 ORDER BY p.process_instance_key DESC LIMIT 50",
        );
        assert!(newest.contains("USING COVERING INDEX live_process_instances_definition"), "{newest}");
        let by_start = "ORDER BY p.start_date DESC, p.process_instance_key LIMIT 50";
        let begun = plan(&format!(
            "SELECT p.start_date, p.process_instance_key FROM process_instances p WHERE p.state = 0 {by_start}"
        ));
        assert!(
            begun.contains("SCAN live_process_instances USING INDEX live_process_instances_start"),
            "{begun}"
        );
        let failed = plan(&format!(
            "SELECT p.start_date, p.process_instance_key FROM process_instances p WHERE (p.incident_count > 0) {by_start}"
        ));
        assert!(failed.contains("USING INDEX live_process_instances_incident"), "{failed}");
        let tags = plan(
            "SELECT u.user_task_key, (SELECT i.tags FROM process_instances i \
             WHERE i.process_instance_key = u.process_instance_key) FROM user_tasks u WHERE u.assignee = 'a'",
        );
        assert!(tags.contains("SEARCH live_user_tasks USING INDEX live_user_tasks_assignee"), "{tags}");
        assert!(tags.contains("SEARCH live_process_instances USING INTEGER PRIMARY KEY"), "{tags}");
    }
}
