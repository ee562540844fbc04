//! Resources of deployments that no recorded scenario shows.

use crate::rig::Rig;
use ringbolt_record::command::{CreateDeployment, Resource, ResourceType};
use ringbolt_record::reply::{DeploymentReply, FetchedResource};
use ringbolt_record::{Command, DEFAULT_TENANT, Key, Reply};

fn deploy(rig: &mut Rig, name: &str, content: &'static [u8]) -> Result<DeploymentReply, String> {
    let resources = vec![Resource { name: name.to_owned(), content: content.into() }];
    let tenant_id = DEFAULT_TENANT.to_owned();
    let request = rig.send(&Command::CreateDeployment(CreateDeployment { resources, tenant_id }));
    match rig.answer(request).expect("an answer") {
        Ok(Reply::Deployed(deployed)) => Ok(deployed),
        Ok(other) => panic!("no deployment: {other:?}"),
        Err(rejection) => Err(rejection.reason),
    }
}

fn fetch(rig: &mut Rig, resource_key: Key, resource_type: ResourceType) -> Result<FetchedResource, String> {
    let request = rig.send(&Command::FetchResource { resource_key, resource_type });
    match rig.answer(request).expect("an answer") {
        Ok(Reply::Resource(resource)) => Ok(*resource),
        Ok(other) => panic!("no resource: {other:?}"),
        Err(rejection) => Err(rejection.reason),
    }
}

#[test]
fn any_file_is_a_resource_known_by_its_name() {
    let mut rig = Rig::default();
    for name in ["order.txt", "order.xml", "order"] {
        let deployed = deploy(&mut rig, name, b"<order/>").expect("deployed");
        let [resource] = &deployed.resources[..] else { panic!("{deployed:?}") };
        assert_eq!((resource.resource_id.as_str(), resource.version), (name, 1));
        let again = deploy(&mut rig, name, b"<order/>").expect("deployed");
        assert_eq!(again.resources, deployed.resources, "unchanged");
        let changed = deploy(&mut rig, name, b"<order2/>").expect("deployed");
        assert_eq!(changed.resources[0].version, 2);
    }
    let error = deploy(&mut rig, "order.bpmn", b"<order/>").expect_err("it says that it is BPMN");
    assert!(error.contains("order.bpmn"), "{error}");
    let error = deploy(&mut rig, &"x".repeat(300), b"").expect_err("its name is too long for an id");
    assert!(error.contains("max-id-length of 255"), "{error}");
}

#[test]
fn what_is_deployed_can_be_read() {
    let mut rig = Rig::default();
    let form =
        deploy(&mut rig, "a.form", br#"{"id":"a","versionTag":"v"}"#).expect("deployed").forms.remove(0);
    let file = deploy(&mut rig, "a.txt", b"text").expect("deployed").resources.remove(0);
    let found = fetch(&mut rig, form.resource_key, ResourceType::Form).expect("a form");
    assert_eq!((&found.deployed, found.version_tag.as_str()), (&form, "v"));
    assert_eq!(&found.content[..], br#"{"id":"a","versionTag":"v"}"#);
    let found = fetch(&mut rig, file.resource_key, ResourceType::Other).expect("a resource");
    assert_eq!((&found.content[..], found.tenant_id.as_str()), (&b"text"[..], DEFAULT_TENANT));
    let entries = rig.entries.len();
    let key = form.resource_key;
    let error = fetch(&mut rig, key, ResourceType::Other).expect_err("a form is no resource");
    assert_eq!(error, format!("Expected to fetch resource but no resource found with key `{key}`"));
    let error = fetch(&mut rig, file.resource_key, ResourceType::Form).expect_err("a resource is no form");
    assert_eq!(error, format!("Form with key '{}' not found", file.resource_key));
    assert_eq!(rig.entries.len(), entries, "reading writes nothing");
}
