//! What expressions see of cluster variables. Frozen with the appliers that write it.

use ringbolt_record::ClusterVariableScope;
use ringbolt_tables::Tables;
use std::collections::BTreeMap;

type Named<'t> = BTreeMap<&'t str, &'t [u8]>;

/// Writes it anew: those that all see, those of the tenant, and both as one, where the tenant's come first.
pub(super) fn write_seen(tables: &mut Tables) {
    let of = |scope: ClusterVariableScope| -> Named<'_> {
        let rows = tables.cluster_variables().filter(|row| row.scope == scope);
        rows.map(|row| (row.name, row.value)).collect()
    };
    let (cluster, tenant) = (of(ClusterVariableScope::Global), of(ClusterVariableScope::Tenant));
    let mut both = cluster.clone();
    both.extend(&tenant);
    let mut document = b"{\"vars\":".to_vec();
    for (number, (name, variables)) in
        [("cluster", &cluster), ("tenant", &tenant), ("env", &both)].iter().enumerate()
    {
        document.push(if number == 0 { b'{' } else { b',' });
        push_name(&mut document, name);
        push_object(&mut document, variables);
    }
    document.extend_from_slice(b"}}");
    tables.put_seen_cluster_variables(&document);
}

fn push_object(document: &mut Vec<u8>, variables: &Named<'_>) {
    document.push(b'{');
    for (number, (name, value)) in variables.iter().enumerate() {
        if number > 0 {
            document.push(b',');
        }
        push_name(document, name);
        document.extend_from_slice(value);
    }
    document.push(b'}');
}

/// A name and its colon. Names hold no control character: the command refuses them.
fn push_name(document: &mut Vec<u8>, name: &str) {
    document.push(b'"');
    for byte in name.bytes() {
        if matches!(byte, b'"' | b'\\') {
            document.push(b'\\');
        }
        document.push(byte);
    }
    document.extend_from_slice(b"\":");
}
