//! What records say about forms and other resources that are deployed beside models, and about what is deleted.

use crate::ids::Key;
use rkyv::Archive;
use rkyv::with::InlineAsBox;

/// A resource that is no model, with its content.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ResourceRecord<'a> {
    /// Key of the resource; the record of its deletion has one of its own.
    pub resource_key: Key,
    /// Its id, as it says itself.
    #[rkyv(with = InlineAsBox)]
    pub resource_id: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Its own label of the version; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub version_tag: &'a str,
    /// The deployment that brought it.
    pub deployment_key: Key,
    /// The resource's file name.
    #[rkyv(with = InlineAsBox)]
    pub resource_name: &'a str,
    /// Digest of the content, by which a redeployment is recognized.
    pub checksum: [u8; 16],
    /// The content.
    #[rkyv(with = InlineAsBox)]
    pub content: &'a [u8],
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}

/// A form, which is a resource of its own value type.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct FormRecord<'a>(pub ResourceRecord<'a>);

/// A form or another resource in a deployment.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ResourceMetadata<'a> {
    /// Its id, as it says itself.
    #[rkyv(with = InlineAsBox)]
    pub resource_id: &'a str,
    /// Counted from 1 for each id and tenant.
    pub version: i32,
    /// Its own label of the version; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub version_tag: &'a str,
    /// Key of the resource.
    pub resource_key: Key,
    /// The resource's file name.
    #[rkyv(with = InlineAsBox)]
    pub resource_name: &'a str,
    /// Whether an equal one was there already, so that none was made.
    pub is_duplicate: bool,
}

/// Something deployed is deleted. What it was stands in the records between.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct ResourceDeletionRecord<'a> {
    /// Key of the process, model of decisions, form or resource.
    pub resource_key: Key,
    /// Owner; empty before it is known.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
