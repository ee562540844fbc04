//! What is looked up in secondary storage: something of each kind is there, and its key is found by searching.

use crate::setting::Walk;
use ringbolt_api::operation::{Body, Operation};
use ringbolt_tests::until;
use serde_json::{Value, json};

/// A time that everything is in.
const FROM: &str = "2020-01-01T00:00:00Z";
/// Its end.
const TO: &str = "2100-01-01T00:00:00Z";

impl Walk {
    /// Something for every search to find.
    pub(crate) fn fill(&mut self) {
        self.incident();
        self.user_task();
        let decision = json!({ "decisionDefinitionId": "answer", "variables": {} });
        let answer = self.client.post("/v2/decision-definitions/evaluation", &decision).expect("an answer");
        assert_eq!(answer.status, 200);
        let variables = json!({ "processDefinitionId": "one_task", "variables": { "a": "x".repeat(9000) } });
        assert_eq!(self.client.post("/v2/process-instances", &variables).expect("an answer").status, 200);
        self.deployed("robot.rpa", r#"{"id":"robot"}"#, "resource");
    }

    /// A valid request: a key that is found by searching, and a body with everything in it.
    pub(crate) fn valid_look(&mut self, operation: &Operation) -> (String, Option<Value>) {
        let of_tasks = ["getUserTaskForm", "searchUserTaskVariables", "searchUserTaskEffectiveVariables"];
        let key = match operation.id {
            "searchElementInstanceIncidents" => self.found("element-instances", "elementInstanceKey"),
            "getVariable" => self.found("variables", "variableKey"),
            "getGlobalClusterVariable" => self.found_cluster_variable("global"),
            "getTenantClusterVariable" => self.found_cluster_variable("tenants/%3Cdefault%3E"),
            "getIncident" => self.found("incidents", "incidentKey"),
            "getDecisionInstance" => self.found("decision-instances", "decisionEvaluationInstanceKey"),
            id if of_tasks.contains(&id) => self.found("user-tasks", "userTaskKey"),
            _ => match operation.parameters.first().map(|parameter| parameter.name) {
                Some("processInstanceKey") => self.found("process-instances", "processInstanceKey"),
                Some("processDefinitionKey") => self.found("process-definitions", "processDefinitionKey"),
                Some("batchOperationKey") => self.batch_operation_found(),
                Some("elementInstanceKey") => self.found("element-instances", "elementInstanceKey"),
                Some("userTaskKey") => self.found("user-tasks", "userTaskKey"),
                Some("decisionDefinitionKey") => self.found("decision-definitions", "decisionDefinitionKey"),
                Some("decisionRequirementsKey") => {
                    self.found("decision-requirements", "decisionRequirementsKey")
                }
                _ => String::new(),
            },
        };
        let Body::Json(..) = operation.body else { return (key, None) };
        let mut body = json!({});
        if let Some(object) = operation.reads {
            let has = |name: &str| object.find(name.as_bytes()).is_some();
            if has("page") {
                body["page"] = json!({ "limit": 3 });
            }
            if has("sort") {
                body["sort"] = json!([]);
            }
            if has("filter") {
                body["filter"] = match operation.id {
                    "getProcessDefinitionInstanceVersionStatistics" => {
                        json!({ "processDefinitionId": "one_task" })
                    }
                    "getProcessInstanceStatisticsByDefinition" => json!({ "errorHashCode": 7 }),
                    "getJobTypeStatistics" => json!({ "from": FROM, "to": TO }),
                    id if id.starts_with("getJob") => json!({ "from": FROM, "to": TO, "jobType": "work" }),
                    _ => json!({}),
                };
            }
        }
        (key, Some(body))
    }

    /// The name of a cluster variable that is shown already.
    fn found_cluster_variable(&mut self, scope: &str) -> String {
        let name = self.cluster_variable(scope);
        let path = format!("/v2/cluster-variables/{scope}/{name}");
        until("it is found", || {
            (self.client.get(&path).expect("an answer").status == 200).then(|| name.clone())
        })
    }

    fn batch_operation_found(&mut self) -> String {
        self.batch_operation();
        self.found("batch-operations", "batchOperationKey")
    }

    /// The key of something that a search shows.
    pub(crate) fn found(&mut self, topic: &str, member: &str) -> String {
        until("it is found", || {
            let found =
                self.client.post(&format!("/v2/{topic}/search"), &json!({})).expect("an answer").json();
            Some(found["items"].as_array()?.last()?[member].as_str()?.to_owned())
        })
    }
}
