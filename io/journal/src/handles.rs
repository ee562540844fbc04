//! Which segments a run has open for writing, whatever a file is: a descriptor of the driver, a number on the disk in memory.
//!
//! Invariants: one file for each segment, in rising order; a file goes when its segment loses its name, so that a number
//! that is used again never leads to bytes that nobody will read. Pure, so that the simulator runs it.

use std::collections::VecDeque;

use crate::segment_job::SegmentJob;
use crate::types::SegmentSequence;

/// The files of one run, the one that is written first.
#[derive(Clone, Debug)]
pub struct OpenSegments<F>(VecDeque<(SegmentSequence, F)>);

impl<F> Default for OpenSegments<F> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<F> OpenSegments<F> {
    /// Takes the file of a segment behind those that are open.
    ///
    /// # Panics
    /// When that segment, or a later one, is open already.
    pub fn push(&mut self, sequence: SegmentSequence, file: F) {
        let rises = self.0.back().is_none_or(|(last, _)| *last < sequence);
        assert!(rises, "segment {sequence} is opened once and behind the ones before it");
        self.0.push_back((sequence, file));
    }

    /// Takes note of a file job that was done, with the file that it opened. Returns the file that is to be closed.
    #[must_use = "a file that is kept open keeps its lock"]
    pub fn note(&mut self, job: SegmentJob, opened: Option<F>) -> Option<F> {
        match job {
            SegmentJob::Create { .. } => None,
            SegmentJob::Install { sequence, .. } => {
                self.push(sequence, opened.expect("an installed segment is open"));
                None
            }
            SegmentJob::Recycle { sequence, .. } | SegmentJob::Remove { sequence } => {
                let at = self.0.iter().position(|(open, _)| *open == sequence)?;
                self.0.remove(at).map(|(_, file)| file)
            }
        }
    }

    /// The file of the segment that is written now.
    ///
    /// # Panics
    /// When it is not open, or one before it still is.
    #[must_use]
    pub fn active(&self, segment: SegmentSequence) -> &F {
        let (sequence, file) = self.0.front().expect("a segment is open before it is written");
        assert_eq!(*sequence, segment, "segments are written in order");
        file
    }

    /// The next file before this segment, which is written from now on; `None` when all were taken.
    pub fn take_before(&mut self, segment: SegmentSequence) -> Option<F> {
        self.0.pop_front_if(|(sequence, _)| *sequence < segment).map(|(_, file)| file)
    }

    /// All that is open.
    pub fn files(&self) -> impl Iterator<Item = &F> {
        self.0.iter().map(|(_, file)| file)
    }

    /// The same segments with files of another kind.
    pub(crate) fn try_map<G, E>(
        self,
        mut change: impl FnMut(F) -> Result<G, E>,
    ) -> Result<OpenSegments<G>, E> {
        let changed = self.0.into_iter().map(|(sequence, file)| Ok((sequence, change(file)?)));
        changed.collect::<Result<_, E>>().map(OpenSegments)
    }
}
