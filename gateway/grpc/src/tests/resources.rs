//! Deleting what was deployed.

use super::{NO_CONTEXT, call, check, key};
use crate::calls::Calls;
use crate::messages as m;
use expect_test::expect;
use ringbolt_api::fake::FakeBroker;
use ringbolt_record::{BatchOperationType, Key, PartitionId, Reply};
use std::rc::Rc;

#[test]
fn deleting_resources() {
    let deleted = || Ok(Reply::ResourceDeleted { resource_key: Key::new(PartitionId(1), 7), history: None });
    let request = |delete_history| m::DeleteResourceRequest {
        resource_key: key(7),
        operation_reference: Some(3),
        delete_history,
    };
    check(
        call!(delete_resource),
        request(None),
        deleted(),
        expect![[r#"
        1: DELETE 0 resource 4503599627370503 operationReference=3 within 15s
        -> DeleteResourceResponse { resource_key: "2251799813685255", batch_operation: None }"#]],
    );
    check(
        call!(delete_resource),
        request(Some(false)),
        deleted(),
        expect![[r#"
        1: DELETE 0 resource 4503599627370503 operationReference=3 within 15s
        -> DeleteResourceResponse { resource_key: "2251799813685255", batch_operation: None }"#]],
    );
    check(
        call!(delete_resource),
        request(Some(true)),
        Ok(Reply::ResourceDeleted {
            resource_key: Key::new(PartitionId(1), 7),
            history: Some((Key::new(PartitionId(1), 9), BatchOperationType::DeleteDecisionInstance)),
        }),
        expect![[r#"
            1: DELETE 0 resource 4503599627370503 with its history operationReference=3 within 15s
            -> DeleteResourceResponse { resource_key: "2251799813685255", batch_operation: Some(BatchOperationCreatedResult { batch_operation_key: "2251799813685257", batch_operation_type: DeleteDecisionInstance }) }"#]],
    );
}
