//! Creates, updates or deletes a cluster variable. What is refused is refused in Camunda's words
//! (`ClusterVariableRecordValidator`); the bounds are Ringbolt's.

use crate::behaviors::cluster_variables;
use crate::failure::{Refusal, invalid_argument, invalid_state, not_found};
use crate::writers::Processing;
use ringbolt_record::{
    ChangeClusterVariable, ClusterVariable, ClusterVariableChange, ClusterVariableScope, Rejection,
    RejectionType, Reply,
};

/// Most cluster variables.
const CLUSTER_VARIABLES_MAX: usize = 1000;
/// Most bytes of the names and values of all: what expressions see is written with each change.
const CLUSTER_VARIABLES_BYTES_MAX: usize = 1024 * 1024;
/// Most bytes of what clients note about one.
const METADATA_BYTES_MAX: usize = 64 * 1024;
/// Longest name, characters.
const NAME_CHARS_MAX: usize = 256;

pub(crate) fn process_change(p: &mut Processing<'_>, command: &ChangeClusterVariable) -> Result<(), Refusal> {
    let ChangeClusterVariable { change, variable } = command;
    let exists = p.tables().cluster_variable(variable.scope, &variable.tenant_id, &variable.name).is_some();
    match change {
        ClusterVariableChange::Create => {
            check_name(&variable.name)?;
            if exists {
                let reason = format!(
                    "Invalid cluster variable name: '{}'. The name already exists in the scope '{}'",
                    variable.name,
                    scope_of(variable)
                );
                return Err(Rejection::new(RejectionType::AlreadyExists, reason).into());
            }
        }
        ClusterVariableChange::Update | ClusterVariableChange::Delete if !exists => {
            return Err(not_found(format!(
                "Invalid cluster variable name: '{}'. The variable does not exist in the scope '{}'",
                variable.name,
                scope_of(variable)
            )));
        }
        ClusterVariableChange::Update | ClusterVariableChange::Delete => {}
    }
    if *change != ClusterVariableChange::Delete {
        check_room(p, variable)?;
    }
    cluster_variables::change(p, command);
    p.reply(Reply::ClusterVariableChanged(Box::new(variable.clone())));
    Ok(())
}

fn scope_of(variable: &ClusterVariable) -> String {
    match variable.scope {
        ClusterVariableScope::Global => "GLOBAL".to_owned(),
        ClusterVariableScope::Tenant => format!("tenant: '{}'", variable.tenant_id),
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(invalid_state(format!(
            "Invalid cluster variable name: '{name}'. Cluster variable can not be null or empty."
        )));
    }
    if name.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err(invalid_argument(format!(
            "Invalid cluster variable name: '{name}'. The name must not contains any whitespace."
        )));
    }
    if name.chars().nth(NAME_CHARS_MAX).is_some() {
        return Err(invalid_argument(format!(
            "Invalid cluster variable name: it has more than {NAME_CHARS_MAX} characters."
        )));
    }
    Ok(())
}

/// All of them have to stay small: they are on every partition, and one document for each expression that names them.
fn check_room(p: &Processing<'_>, variable: &ClusterVariable) -> Result<(), Refusal> {
    let metadata_bytes = variable.metadata.len();
    if metadata_bytes > METADATA_BYTES_MAX {
        return Err(invalid_argument(format!(
            "Expected metadata of a cluster variable of at most {METADATA_BYTES_MAX} bytes, but it has {metadata_bytes}"
        )));
    }
    let others = p.tables().cluster_variables().filter(|other| {
        (other.scope, other.tenant_id, other.name)
            != (variable.scope, variable.tenant_id.as_str(), variable.name.as_str())
    });
    let (mut count, mut bytes) = (1, variable.name.len() + variable.value.len());
    for other in others {
        count += 1;
        bytes += other.name.len() + other.value.len();
    }
    if count > CLUSTER_VARIABLES_MAX {
        return Err(invalid_argument(format!(
            "Expected at most {CLUSTER_VARIABLES_MAX} cluster variables, but '{}' would be one more",
            variable.name
        )));
    }
    if bytes > CLUSTER_VARIABLES_BYTES_MAX {
        return Err(invalid_argument(format!(
            "Expected all cluster variables together to have at most {CLUSTER_VARIABLES_BYTES_MAX} bytes, but with '{}' they \
             would have {bytes}",
            variable.name
        )));
    }
    Ok(())
}
