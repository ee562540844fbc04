//! Changes of which definition an instance runs.

use super::{NO_CONTEXT, call, check, key};
use crate::calls::Calls;
use crate::messages::migrations as m;
use expect_test::expect;
use ringbolt_api::fake::FakeBroker;
use ringbolt_record::Reply;
use std::rc::Rc;

#[test]
fn migrating_instances() {
    let mapping = |source: &str| m::MappingInstruction {
        source_element_id: source.into(),
        target_element_id: "b".into(),
    };
    let plan = |source| m::MigrationPlan {
        target_process_definition_key: key(9),
        mapping_instructions: vec![mapping(source)],
    };
    let request = |migration_plan| m::MigrateProcessInstanceRequest {
        process_instance_key: key(8),
        migration_plan,
        operation_reference: Some(3),
    };
    check(
        call!(migrate_process_instance),
        request(Some(plan("a"))),
        Ok(Reply::Done),
        expect![[r#"
        2: MIGRATE 4503599627370504 to 4503599627370505 [MigrateMapping { source_element_id: "a", target_element_id: "b" }] operationReference=3 within 15s
        -> ()"#]],
    );
    check(
        call!(migrate_process_instance),
        request(None),
        Ok(Reply::Done),
        expect![[r#"
        2: MIGRATE 4503599627370504 to 0 [] operationReference=3 within 15s
        -> ()"#]],
    );
    check(
        call!(migrate_process_instance),
        request(Some(plan(&"a".repeat(70_000)))),
        Ok(Reply::Done),
        expect![
            "-> InvalidArgument The provided sourceElementId has 70000 bytes, but at most 400 are allowed"
        ],
    );
}
