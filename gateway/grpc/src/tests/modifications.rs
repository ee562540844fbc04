//! Changes of where an instance stands.

use super::{NO_CONTEXT, call, check, key};
use crate::calls::Calls;
use crate::messages::modifications as m;
use bytes::Bytes;
use expect_test::expect;
use ringbolt_api::fake::FakeBroker;
use ringbolt_record::Reply;
use std::rc::Rc;

fn request() -> m::ModifyProcessInstanceRequest {
    m::ModifyProcessInstanceRequest {
        process_instance_key: key(8),
        activate_instructions: vec![m::ActivateInstruction {
            element_id: "a".into(),
            ancestor_element_instance_key: -1,
            variable_instructions: vec![m::VariableInstruction {
                variables: Bytes::from_static(b"{\"x\":1}"),
                scope_id: "s".into(),
            }],
        }],
        terminate_instructions: vec![m::TerminateInstruction {
            element_instance_key: key(9),
            ..Default::default()
        }],
        operation_reference: Some(3),
        move_instructions: vec![m::MoveInstruction {
            source_element_id: "b".into(),
            target_element_id: "c".into(),
            infer_ancestor_scope_from_source_hierarchy: true,
            ..Default::default()
        }],
    }
}

#[test]
fn modifying_instances() {
    check(
        call!(modify_process_instance),
        request(),
        Ok(Reply::Done),
        expect![[r#"
        2: MODIFY 4503599627370504 [ActivateInstruction { element_id: "a", ancestor_element_instance_key: 0, variables: [VariableInstruction { scope_id: "s", variables: VariableDocument { text: b"{\"x\":1}", members: [Member { name: Owned("x"), value: (5, 6) }] } }] }] [Key(4503599627370505)] [MoveInstruction { source: ElementId("b"), target_element_id: "c", ancestor: Inferred, variables: [] }] operationReference=3 within 15s
        -> ()"#]],
    );
    let neither = vec![m::TerminateInstruction::default()];
    check(
        call!(modify_process_instance),
        m::ModifyProcessInstanceRequest { terminate_instructions: neither, ..request() },
        Ok(Reply::Done),
        expect![
            "-> InvalidArgument Command 'MODIFY' rejected with code 'INVALID_ARGUMENT': Expected to modify a process instance, but one or more instructions have neither an element instance key nor an element id"
        ],
    );
    let mut twice = request();
    twice.move_instructions[0].use_source_parent_key_as_ancestor_scope_key = true;
    check(
        call!(modify_process_instance),
        twice,
        Ok(Reply::Done),
        expect![
            "-> InvalidArgument Command 'MODIFY' rejected with code 'INVALID_ARGUMENT': Expected to modify a process instance, but one or more move instructions have multiple ancestor scope options set"
        ],
    );
    let mut both = request();
    both.move_instructions[0].source_element_instance_key = key(7);
    check(
        call!(modify_process_instance),
        both,
        Ok(Reply::Done),
        expect![
            "-> InvalidArgument Command 'MODIFY' rejected with code 'INVALID_ARGUMENT': Expected to modify a process instance, but one or more instructions have both an element instance key and an element id"
        ],
    );
}
