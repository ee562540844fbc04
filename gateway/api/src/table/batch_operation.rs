//! Operations: batch operation.

use crate::objects::batch_operation::{
    BATCH_OPERATION_ITEM_SEARCH_QUERY, BATCH_OPERATION_ITEM_SEARCH_QUERY_RESULT, BATCH_OPERATION_RESPONSE,
    BATCH_OPERATION_SEARCH_QUERY, BATCH_OPERATION_SEARCH_QUERY_RESULT,
};
use crate::operation::{Group, Method, Version, done, empty, json, op, path};
use crate::schema::Schema;
use crate::schema::kinds::TEXT;
use crate::search::{batches as search_batches, rows_of};
use crate::table::batches;
use ringbolt_query::views::batch_operations::BATCH_OPERATION_ITEMS;

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Batch operation",
    operations: &[
        op("searchBatchOperationItems", Method::Post, "/batch-operation-items/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&BATCH_OPERATION_ITEM_SEARCH_QUERY))
            .says("Searches items of batch operations")
            .search(rows_of(&BATCH_OPERATION_ITEMS))
            .gives(&[json(200, Schema::Object(&BATCH_OPERATION_ITEM_SEARCH_QUERY_RESULT))])
            .errors(&[400, 500]),
        op("searchBatchOperations", Method::Post, "/batch-operations/search", Version::V8_8)
            .json_or_nothing(Schema::Object(&BATCH_OPERATION_SEARCH_QUERY))
            .says("Searches batch operations")
            .joined(search_batches::search)
            .gives(&[json(200, Schema::Object(&BATCH_OPERATION_SEARCH_QUERY_RESULT))])
            .errors(&[400, 500]),
        op("getBatchOperation", Method::Get, "/batch-operations/{batchOperationKey}", Version::V8_8)
            .takes(&[path("batchOperationKey", TEXT)])
            .says("A batch operation")
            .joined(search_batches::get)
            .gives(&[json(200, Schema::Object(&BATCH_OPERATION_RESPONSE))])
            .errors(&[400, 404, 500]),
        op(
            "cancelBatchOperation",
            Method::Post,
            "/batch-operations/{batchOperationKey}/cancellation",
            Version::V8_8,
        )
        .takes(&[path("batchOperationKey", TEXT)])
        .json_or_nothing(Schema::Any)
        .says("Ends a batch operation; what was done stays")
        .command(batches::cancel, done)
        .errors_own(&[409, 503, 504])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500]),
        op(
            "resumeBatchOperation",
            Method::Post,
            "/batch-operations/{batchOperationKey}/resumption",
            Version::V8_8,
        )
        .takes(&[path("batchOperationKey", TEXT)])
        .json_or_nothing(Schema::Any)
        .says("Lets a suspended batch operation go on")
        .command(batches::resume, done)
        .errors_own(&[409, 503, 504])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500, 503]),
        op(
            "suspendBatchOperation",
            Method::Post,
            "/batch-operations/{batchOperationKey}/suspension",
            Version::V8_8,
        )
        .takes(&[path("batchOperationKey", TEXT)])
        .json_or_nothing(Schema::Any)
        .says("Lets a batch operation rest")
        .command(batches::suspend, done)
        .errors_own(&[409, 503, 504])
        .gives(&[empty(204)])
        .errors(&[400, 403, 404, 500, 503]),
    ],
};
