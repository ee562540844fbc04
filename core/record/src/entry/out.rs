//! How a value is written behind what an entry holds already: into the entry's own buffer, without sharing, with scratch memory that
//! stays. rkyv's own way looks scratch memory up for each value, prepares to share what is never shared, and its writer is a call.

use rkyv::rancor::{Panic, Strategy};
use rkyv::ser::allocator::{Arena, ArenaHandle};
use rkyv::ser::sharing::Unshare;
use rkyv::ser::{Positional, Serializer, Writer};
use rkyv::{Serialize, api};

/// The serializer that values need; spelled out once. A value in memory always serializes.
pub type ValueSerializer<'a> = Strategy<Serializer<Out<'a>, ArenaHandle<'a>, Unshare>, Panic>;

/// The end of an entry's bytes.
pub struct Out<'a>(&'a mut Vec<u8>);

/// Memory for lists while they are written, kept between values.
#[derive(Default)]
pub(super) struct Scratch(Arena);

impl std::fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Scratch")
    }
}

impl Positional for Out<'_> {
    #[inline(always)]
    fn pos(&self) -> usize {
        self.0.len()
    }
}

impl<E> Writer<E> for Out<'_> {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) -> Result<(), E> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Appends a value.
#[inline(always)]
pub(super) fn append<V>(bytes: &mut Vec<u8>, scratch: &mut Scratch, value: &V)
where
    V: for<'a> Serialize<ValueSerializer<'a>>,
{
    let mut serializer = Serializer::new(Out(bytes), scratch.0.acquire(), Unshare);
    match api::serialize_using::<_, Panic>(value, &mut serializer) {
        Ok(_) => {}
        Err(never) => match never {},
    }
}
