//! Resources of deployments that no recorded scenario shows.

use crate::rig::Rig;
use ringbolt_record::command::{CreateDeployment, Resource};
use ringbolt_record::{Command, DEFAULT_TENANT};

fn rejection(resource_name: &str) -> String {
    let resources = vec![Resource { name: resource_name.to_owned(), content: (&b"{}"[..]).into() }];
    let tenant_id = DEFAULT_TENANT.to_owned();
    let mut rig = Rig::default();
    let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
    rig.answer(request).expect("an answer").expect_err("a rejection").reason
}

#[test]
fn a_form_is_known_and_not_supported_yet() {
    let reason = rejection("order.form");
    assert!(reason.ends_with("\n'order.form': forms are not supported yet"), "{reason}");
    let reason = rejection("order.txt");
    assert!(reason.ends_with("\n'order.txt': unknown resource type"), "{reason}");
}
