//! Rows of batch operations.

use super::{Name, Row, Text};
use rusqlite::Statement;

rows! {
    BatchOperation in "batch_operations" all by (batch_operation_key: i64)
    of |_row| None, alone Live {
        batch_operation_key: i64, first;
        kind: u8, first;
        state: u8, set;
        start_date: Option<i64>, known;
        end_date: Option<i64>, known;
        errors: Option<Text>, known;
    }
    BatchOperationCounts in "batch_operation_counts" all by (batch_operation_key: i64)
    of |_row| None, alone Live {
        batch_operation_key: i64, first;
        items: i64, sum;
        completed: i64, sum;
        failed: i64, sum;
        end_date: Option<i64>, known;
    }
    BatchOperationItem in "batch_operation_items" all by (batch_operation_key: i64, item_key: i64)
    of |_row| None, alone Live {
        batch_operation_key: i64, first;
        item_key: i64, first;
        kind: u8, first;
        process_instance_key: Option<i64>, first;
        root_process_instance_key: Option<i64>, first;
        state: u8, set;
        processed_date: Option<i64>, known;
        error_message: Option<Text>, known;
    }
}
