//! User tasks: giving them to people, changing and completing them.

use super::{check, problems};
use expect_test::expect;
use ringbolt_record::{Key, PartitionId, Reply};

fn path(rest: &str) -> String {
    format!("/v2/user-tasks/{}{rest}", Key::new(PartitionId(2), 7))
}

#[test]
fn giving_a_task_to_somebody() {
    let assignment = format!("POST {}", path("/assignment"));
    let done = || Ok(Reply::Done);
    check(
        &assignment,
        r#"{"assignee":"anna"}"#,
        done(),
        expect![[r#"
            2: ASSIGN 4503599627370503 action="" Assign { assignee: "anna" } within 15s
            204"#]],
    );
    check(
        &assignment,
        r#"{"assignee":"anna","allowOverride":false,"action":"grab"}"#,
        done(),
        expect![[r#"
            2: CLAIM 4503599627370503 action="grab" Claim { assignee: "anna" } within 15s
            204"#]],
    );
    check(
        &format!("DELETE {}", path("/assignee")),
        "",
        done(),
        expect![[r#"
            2: ASSIGN 4503599627370503 action="unassign" Assign { assignee: "" } within 15s
            204"#]],
    );
    problems(
        &assignment,
        &["{}", r#"{"assignee":" "}"#],
        expect![[r#"
            <{}> is
                400 INVALID_ARGUMENT: No assignee provided.
            <{"assignee":" "}> is
                400 INVALID_ARGUMENT: No assignee provided.
        "#]],
    );
}

#[test]
fn changing_and_completing_a_task() {
    let task = format!("PATCH {}", path(""));
    let done = || Ok(Reply::Done);
    check(
        &task,
        r#"{"changeset":{"candidateUsers":["a"],"candidateGroups":[],"dueDate":"2026-01-01T00:00:00Z","followUpDate":null,"priority":7}}"#,
        done(),
        expect![[r#"
            2: UPDATE 4503599627370503 action="" Update(UserTaskChanges { candidate_groups: Some([]), candidate_users: Some(["a"]), due_date: Some("2026-01-01T00:00:00Z"), follow_up_date: None, priority: Some(7) }) within 15s
            204"#]],
    );
    check(
        &format!("POST {}", path("/completion")),
        "",
        done(),
        expect![[r#"
        2: COMPLETE 4503599627370503 action="" Complete { variables: VariableDocument { text: b"", members: [] } } within 15s
        204"#]],
    );
    problems(
        &task,
        &["", r#"{"changeset":{"dueDate":null}}"#, r#"{"changeset":{"priority":101}}"#],
        expect![[r#"
            <> is
                400 INVALID_ARGUMENT: No update data provided. Provide at least an "action" or a non-null value for a supported attribute in the "changeset".
            <{"changeset":{"dueDate":null}}> is
                400 INVALID_ARGUMENT: No update data provided. Provide at least an "action" or a non-null value for a supported attribute in the "changeset".
            <{"changeset":{"priority":101}}> is
                400 INVALID_ARGUMENT: The value for changeset.priority is '101' but must be within the [0,100] range.
        "#]],
    );
}
