//! Tables whose rows belong to instances, and their indexes, each with a prefix.

/// Tables of instances, each with a prefix.
macro_rules! instance_tables {
    ($prefix:literal) => {
        concat!(
            "CREATE TABLE ",
            $prefix,
            "process_instances (
                process_instance_key INTEGER PRIMARY KEY,
                process_definition_key INTEGER NOT NULL,
                state INTEGER,
                start_date INTEGER NOT NULL,
                end_date INTEGER,
                suspended_date INTEGER,
                parent_process_instance_key INTEGER,
                parent_element_instance_key INTEGER,
                root_process_instance_key INTEGER NOT NULL,
                incident_count INTEGER NOT NULL,
                business_id TEXT,
                business_id_since INTEGER,
                tags TEXT,
                flows TEXT,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "element_instances (
                element_instance_key INTEGER PRIMARY KEY,
                process_instance_key INTEGER NOT NULL,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER NOT NULL,
                flow_scope_key INTEGER,
                element_id TEXT NOT NULL,
                type INTEGER NOT NULL,
                state INTEGER NOT NULL,
                start_date INTEGER NOT NULL,
                end_date INTEGER,
                incident_count INTEGER NOT NULL,
                incident_key INTEGER,
                process_start_date INTEGER,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "sequence_flows (
                process_instance_key INTEGER NOT NULL,
                element_id TEXT NOT NULL,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER NOT NULL,
                tenant_id TEXT,
                PRIMARY KEY (process_instance_key, element_id)
            ) WITHOUT ROWID;
            CREATE TABLE ",
            $prefix,
            "variables (
                variable_key INTEGER PRIMARY KEY,
                process_instance_key INTEGER NOT NULL,
                root_process_instance_key INTEGER NOT NULL,
                scope_key INTEGER NOT NULL,
                name TEXT NOT NULL,
                value TEXT NOT NULL,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "jobs (
                job_key INTEGER PRIMARY KEY,
                process_instance_key INTEGER NOT NULL,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER NOT NULL,
                element_instance_key INTEGER NOT NULL,
                element_id TEXT NOT NULL,
                type TEXT NOT NULL,
                worker TEXT NOT NULL,
                kind INTEGER NOT NULL,
                listener_event_type INTEGER NOT NULL,
                state INTEGER,
                retries INTEGER NOT NULL,
                priority INTEGER NOT NULL,
                has_failed_with_retries_left INTEGER,
                is_denied INTEGER,
                denied_reason TEXT,
                deadline INTEGER,
                error_message TEXT,
                error_code TEXT,
                custom_headers TEXT,
                creation_time INTEGER,
                last_update_time INTEGER,
                end_time INTEGER,
                is_over INTEGER,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "incidents (
                incident_key INTEGER PRIMARY KEY,
                process_instance_key INTEGER NOT NULL,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER NOT NULL,
                element_instance_key INTEGER NOT NULL,
                element_id TEXT NOT NULL,
                job_key INTEGER,
                error_type INTEGER NOT NULL,
                error_message TEXT NOT NULL,
                error_message_hash INTEGER NOT NULL,
                state INTEGER NOT NULL,
                creation_time INTEGER NOT NULL,
                end_time INTEGER,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "user_tasks (
                user_task_key INTEGER PRIMARY KEY,
                process_instance_key INTEGER NOT NULL,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER NOT NULL,
                element_instance_key INTEGER NOT NULL,
                element_id TEXT NOT NULL,
                state INTEGER NOT NULL,
                assignee TEXT,
                candidate_groups TEXT,
                candidate_users TEXT,
                creation_date INTEGER NOT NULL,
                completion_date INTEGER,
                due_date INTEGER,
                follow_up_date INTEGER,
                priority INTEGER NOT NULL,
                form_key INTEGER,
                external_form_reference TEXT,
                custom_headers TEXT,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "message_subscriptions (
                message_subscription_key INTEGER PRIMARY KEY,
                process_instance_key INTEGER,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER,
                element_instance_key INTEGER,
                element_id TEXT NOT NULL,
                message_subscription_state INTEGER NOT NULL,
                message_subscription_type INTEGER NOT NULL,
                last_updated_date INTEGER NOT NULL,
                message_name TEXT NOT NULL,
                correlation_key TEXT,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "event_waits (
                wait_key INTEGER PRIMARY KEY,
                process_instance_key INTEGER NOT NULL,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER NOT NULL,
                element_instance_key INTEGER NOT NULL,
                element_id TEXT NOT NULL,
                wait_type INTEGER NOT NULL,
                is_over INTEGER NOT NULL,
                due_date INTEGER,
                repetitions INTEGER,
                waits_for TEXT,
                variable_events TEXT,
                tenant_id TEXT
            );
            CREATE TABLE ",
            $prefix,
            "correlated_message_subscriptions (
                subscription_key INTEGER NOT NULL,
                message_key INTEGER NOT NULL,
                process_instance_key INTEGER NOT NULL,
                process_definition_key INTEGER NOT NULL,
                root_process_instance_key INTEGER,
                element_instance_key INTEGER,
                element_id TEXT NOT NULL,
                correlation_time INTEGER NOT NULL,
                message_name TEXT NOT NULL,
                correlation_key TEXT,
                partition_id INTEGER NOT NULL,
                tenant_id TEXT,
                PRIMARY KEY (subscription_key, message_key)
            ) WITHOUT ROWID;
            CREATE TABLE ",
            $prefix,
            "decision_instances (
                decision_evaluation_key INTEGER NOT NULL,
                decision_evaluation_number INTEGER NOT NULL,
                process_instance_key INTEGER,
                process_definition_key INTEGER,
                root_process_instance_key INTEGER,
                element_instance_key INTEGER,
                state INTEGER NOT NULL,
                evaluation_date INTEGER NOT NULL,
                evaluation_failure TEXT,
                decision_definition_key INTEGER NOT NULL,
                decision_definition_id TEXT NOT NULL,
                decision_definition_name TEXT NOT NULL,
                decision_definition_version INTEGER NOT NULL,
                decision_definition_type INTEGER NOT NULL,
                root_decision_definition_key INTEGER NOT NULL,
                decision_requirements_key INTEGER NOT NULL,
                result TEXT NOT NULL,
                evaluated_inputs TEXT,
                matched_rules TEXT,
                tenant_id TEXT,
                PRIMARY KEY (decision_evaluation_key, decision_evaluation_number)
            ) WITHOUT ROWID;
            "
        )
    };
}

/// Sequence flows that instances of one prefix have taken, wherever they stand.
macro_rules! taken_flows {
    ($prefix:literal) => {
        concat!(
            "CREATE VIEW ",
            $prefix,
            "taken_flows AS ",
            taken_flows!(alone $prefix),
            " UNION ALL ",
            taken_flows!(together $prefix),
            ";\n"
        )
    };
    // Those that have rows of their own.
    (alone $prefix:literal) => {
        concat!(
            "SELECT process_instance_key, element_id, process_definition_key, root_process_instance_key, tenant_id \
             FROM ",
            $prefix,
            "sequence_flows"
        )
    };
    // Those that stand in the row of their instance.
    (together $prefix:literal) => {
        concat!(
            "SELECT p.process_instance_key, f.value, p.process_definition_key, p.root_process_instance_key, p.tenant_id \
             FROM ",
            $prefix,
            "process_instances p, json_each(p.flows) f"
        )
    };
}

/// Indexes over the tables of one prefix. That over values has all that says which instances have a short one; those over definitions and elements have
/// their instances by when they began.
macro_rules! instance_indexes {
    ($prefix:literal) => {
        instance_indexes!($prefix,
            "process_instances", "definition" => "(process_definition_key, state, start_date)",
            "process_instances", "start" => "(start_date)",
            "process_instances", "business" => "(business_id) WHERE business_id IS NOT NULL",
            "process_instances", "parent" => "(parent_process_instance_key) WHERE parent_process_instance_key IS NOT NULL",
            "process_instances", "root" => "(root_process_instance_key) WHERE parent_process_instance_key IS NOT NULL",
            "process_instances", "incident" => "(incident_count) WHERE incident_count > 0",
            "element_instances", "instance" => "(process_instance_key)",
            "element_instances", "element" => "(process_definition_key, element_id, state, process_start_date)",
            "element_instances", "incident" => "(incident_key) WHERE incident_key IS NOT NULL",
            "variables", "instance" => "(process_instance_key)",
            "variables", "value" => "(name, substr(value, 1, 48), process_instance_key)",
            "jobs", "instance" => "(process_instance_key)",
            "jobs", "type" => "(type, state)",
            "incidents", "instance" => "(process_instance_key)",
            "incidents", "error" => "(error_type, state)",
            "incidents", "message" => "(error_message_hash)",
            "user_tasks", "instance" => "(process_instance_key)",
            "user_tasks", "assignee" => "(assignee, state)",
            "user_tasks", "state" => "(state)",
            "message_subscriptions", "instance" => "(process_instance_key)",
            "message_subscriptions", "name" => "(message_name, message_subscription_state)",
            "event_waits", "instance" => "(process_instance_key)",
            "correlated_message_subscriptions", "instance" => "(process_instance_key)",
            "decision_instances", "instance" => "(process_instance_key) WHERE process_instance_key IS NOT NULL",
            "decision_instances", "decision" => "(decision_definition_key, state)",
        )
    };
    ($prefix:literal, $($table:literal, $name:literal => $on:literal,)*) => {
        concat!($("CREATE INDEX ", $prefix, $table, "_", $name, " ON ", $prefix, $table, " ", $on, ";\n",)*)
    };
}

pub(super) use {instance_indexes, instance_tables, taken_flows};
