//! The stores behind one interface.

use std::path::Path;

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use redb::{Durability, TableDefinition};
use ringbolt_store::{Finished, Mark, Options, RowOwner, Store, TableId, open_lmdb};

use crate::Failed;

/// What the churn asks of a store.
pub(crate) trait Engine {
    /// Writes a row.
    fn put(&mut self, key: &[u8; 8], value: &[u8]) -> Result<(), Failed>;
    /// Deletes a row.
    fn delete(&mut self, key: &[u8; 8]) -> Result<(), Failed>;
    /// A row's value.
    fn get(&mut self, key: &[u8; 8]) -> Result<Option<Vec<u8>>, Failed>;
    /// Ends the operations that go together.
    fn commit(&mut self) -> Result<(), Failed>;
    /// Makes everything durable; `instance` is the last one whose keys were generated.
    fn sync(&mut self, instance: u64) -> Result<(), Failed>;
}

const TABLE: TableId = TableId(1);

/// Ringbolt's store: commits are savepoints that are released, durability is a checkpoint.
pub(crate) struct RingboltEngine {
    store: Store,
    position: u64,
}

impl RingboltEngine {
    /// Makes one in an empty folder.
    pub(crate) fn open(path: &Path) -> Result<RingboltEngine, Failed> {
        let mut store = open_lmdb(path, Options::default())?;
        store.savepoint();
        Ok(RingboltEngine { store, position: 0 })
    }
}

impl Engine for RingboltEngine {
    fn put(&mut self, key: &[u8; 8], value: &[u8]) -> Result<(), Failed> {
        self.store.put(TABLE, key, value);
        Ok(())
    }

    fn delete(&mut self, key: &[u8; 8]) -> Result<(), Failed> {
        self.store.delete(TABLE, key, RowOwner::Generated(u64::from_be_bytes(*key)));
        Ok(())
    }

    fn get(&mut self, key: &[u8; 8]) -> Result<Option<Vec<u8>>, Failed> {
        Ok(self.store.get(TABLE, key).map(<[u8]>::to_vec))
    }

    fn commit(&mut self) -> Result<(), Failed> {
        self.store.release();
        self.store.savepoint();
        Ok(())
    }

    fn sync(&mut self, instance: u64) -> Result<(), Failed> {
        self.store.release();
        self.position += 1;
        let key_counter = u64::from_be_bytes(crate::key(instance, 3));
        let mark = Mark { position: self.position, key_counter, journal_info: Vec::new() };
        // In production a side thread runs this while the core goes on; here the core waits, so its time is counted.
        let outcome = self.store.freeze(mark).run();
        match self.store.finish_checkpoint(outcome) {
            Finished::Committed(retired) => drop(retired),
            Finished::NoSpace(error) => return Err(error.into()),
            Finished::Failed => return Err("the checkpoint failed".into()),
        }
        self.store.savepoint();
        Ok(())
    }
}

const REDB_TABLE: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");

/// redb: a write transaction without durability per commit.
pub(crate) struct RedbEngine {
    database: redb::Database,
    /// Key, and the value of a row that is written; a transaction's table cannot be kept beside it.
    pending: Vec<([u8; 8], Option<Vec<u8>>)>,
}

impl RedbEngine {
    /// Makes one in an empty folder.
    pub(crate) fn open(path: &Path) -> Result<RedbEngine, Failed> {
        Ok(RedbEngine { database: redb::Database::create(path.join("rows.redb"))?, pending: Vec::new() })
    }

    fn commit_with(&mut self, durability: Durability) -> Result<(), Failed> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(durability)?;
        {
            let mut table = transaction.open_table(REDB_TABLE)?;
            for (key, value) in self.pending.drain(..) {
                match value {
                    Some(value) => drop(table.insert(key.as_slice(), value.as_slice())?),
                    None => drop(table.remove(key.as_slice())?),
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

impl Engine for RedbEngine {
    fn put(&mut self, key: &[u8; 8], value: &[u8]) -> Result<(), Failed> {
        self.pending.push((*key, Some(value.to_vec())));
        Ok(())
    }

    fn delete(&mut self, key: &[u8; 8]) -> Result<(), Failed> {
        self.pending.push((*key, None));
        Ok(())
    }

    fn get(&mut self, key: &[u8; 8]) -> Result<Option<Vec<u8>>, Failed> {
        use redb::ReadableDatabase;
        let table = self.database.begin_read()?.open_table(REDB_TABLE)?;
        Ok(table.get(key.as_slice())?.map(|guard| guard.value().to_vec()))
    }

    fn commit(&mut self) -> Result<(), Failed> {
        self.commit_with(Durability::None)
    }

    fn sync(&mut self, _instance: u64) -> Result<(), Failed> {
        self.commit_with(Durability::Immediate)
    }
}

/// fjall: operations go to its journal and memtable as they come, without a sync.
pub(crate) struct FjallEngine {
    database: Database,
    rows: Keyspace,
}

impl FjallEngine {
    /// Makes one in an empty folder.
    pub(crate) fn open(path: &Path) -> Result<FjallEngine, Failed> {
        let database = Database::builder(path).open()?;
        let rows = database.keyspace("rows", KeyspaceCreateOptions::default)?;
        Ok(FjallEngine { database, rows })
    }
}

impl Engine for FjallEngine {
    fn put(&mut self, key: &[u8; 8], value: &[u8]) -> Result<(), Failed> {
        Ok(self.rows.insert(key, value)?)
    }

    fn delete(&mut self, key: &[u8; 8]) -> Result<(), Failed> {
        Ok(self.rows.remove(key)?)
    }

    fn get(&mut self, key: &[u8; 8]) -> Result<Option<Vec<u8>>, Failed> {
        Ok(self.rows.get(key)?.map(|value| value.to_vec()))
    }

    fn commit(&mut self) -> Result<(), Failed> {
        Ok(())
    }

    fn sync(&mut self, _instance: u64) -> Result<(), Failed> {
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }
}
