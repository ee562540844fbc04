//! Rows of what is deployed, and of variables of clusters.

use super::{Name, Row, Text};
use rusqlite::Statement;

rows! {
    ProcessDefinition in "process_definitions" all by (process_definition_key: i64)
    of |_row| None, alone Live {
        process_definition_key: i64, first;
        process_definition_id: Text, first;
        name: Option<Text>, first;
        version: i32, first;
        version_tag: Option<Text>, first;
        resource_name: Text, first;
        has_start_form: bool, first;
        start_form_id: Option<Text>, first;
        state: u8, set;
        deployment_key: Option<i64>, first;
    }
    DecisionRequirements in "decision_requirements" all by (decision_requirements_key: i64)
    of |_row| None, alone Live {
        decision_requirements_key: i64, first;
        decision_requirements_id: Text, first;
        decision_requirements_name: Text, first;
        version: i32, first;
        namespace: Text, first;
        resource_name: Text, first;
        deployment_key: Option<i64>, first;
        is_deleted: bool, set;
    }
    DecisionDefinition in "decision_definitions" all by (decision_definition_key: i64)
    of |_row| None, alone Live {
        decision_definition_key: i64, first;
        decision_definition_id: Text, first;
        name: Text, first;
        version: i32, first;
        version_tag: Option<Text>, first;
        decision_requirements_id: Text, first;
        decision_requirements_key: i64, first;
        deployment_key: Option<i64>, first;
        is_deleted: bool, set;
    }
    Form in "forms" all by (form_key: i64)
    of |_row| None, alone Live {
        form_key: i64, first;
        form_id: Text, first;
        version: i32, first;
        version_tag: Option<Text>, first;
        resource_name: Text, first;
        schema: Box<[u8]>, first;
        deployment_key: Option<i64>, first;
        is_deleted: bool, set;
    }
    ClusterVariable in "cluster_variables" all by (id: Text)
    of |_row| None, alone Live {
        id: Text, first;
        scope: u8, first;
        name: Text, first;
        value: Text, set;
        metadata: Text, set;
        is_deleted: bool, set;
    }
    Resource in "resources" all by (resource_key: i64)
    of |_row| None, alone Live {
        resource_key: i64, first;
        resource_id: Text, first;
        version: i32, first;
        version_tag: Option<Text>, first;
        resource_name: Text, first;
        content: Box<[u8]>, first;
        deployment_key: Option<i64>, first;
        is_deleted: bool, set;
    }
}
