//! What waits to be written: text, with a large piece of a body in its midst, so that they go out together and nothing large is copied.
//!
//! There is never more than one such piece: the next one is made when this one is written.

use std::io::IoSlice;

use bytes::Bytes;

/// Pieces up to this size are copied into the text: dearer than a copy is a piece of its own in a system call. Smaller than the pieces that
/// somebody counts until they are written.
const COPIED_BYTES_MAX: usize = 2048;
/// A buffer that has grown beyond this is given back when it is empty.
const KEPT_BYTES_MAX: usize = 4 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Output {
    before: Vec<u8>,
    data: Bytes,
    after: Vec<u8>,
    /// Bytes of all that are written.
    written: usize,
}

impl Output {
    pub(crate) fn len(&self) -> usize {
        self.before.len() + self.data.len() + self.after.len() - self.written
    }

    /// Where text goes.
    pub(crate) fn text(&mut self) -> &mut Vec<u8> {
        if self.data.is_empty() { &mut self.before } else { &mut self.after }
    }

    pub(crate) fn data(&mut self, data: Bytes) {
        if data.len() <= COPIED_BYTES_MAX || !self.data.is_empty() {
            self.text().extend_from_slice(&data);
        } else {
            self.data = data;
        }
    }

    /// What is written next; how many slices of it there are.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; 3]) -> usize {
        let mut skipped = self.written;
        let mut count = 0;
        for bytes in [&self.before[..], &self.data, &self.after] {
            let rest = &bytes[skipped.min(bytes.len())..];
            skipped -= bytes.len() - rest.len();
            if !rest.is_empty() {
                slices[count] = IoSlice::new(rest);
                count += 1;
            }
        }
        count
    }

    /// So many bytes are written.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
        assert!(self.written <= self.before.len() + self.data.len() + self.after.len(), "written twice");
        if self.len() > 0 {
            return;
        }
        self.written = 0;
        self.data = Bytes::new();
        for text in [&mut self.before, &mut self.after] {
            text.clear();
            if text.capacity() > KEPT_BYTES_MAX {
                *text = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{COPIED_BYTES_MAX, Output};
    use bytes::Bytes;
    use std::io::IoSlice;

    #[test]
    fn what_goes_in_comes_out_in_order_however_it_is_written() {
        for length in [0, 1, COPIED_BYTES_MAX, COPIED_BYTES_MAX + 1, 9000] {
            for step in [1, 2, 7, 100, 5000, 100_000] {
                let mut output = Output::default();
                let mut written = Vec::new();
                let data = vec![b'x'; length];
                for _ in 0..2 {
                    output.text().extend_from_slice(b"head");
                    output.data(Bytes::from(data.clone()));
                    output.text().extend_from_slice(b"end");
                }
                while output.len() > 0 {
                    let mut slices = [IoSlice::new(&[]); 3];
                    let count = output.slices(&mut slices);
                    let together: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
                    assert_eq!(together.len(), output.len());
                    let taken = step.min(together.len());
                    written.extend_from_slice(&together[..taken]);
                    output.advance(taken);
                }
                let once = [b"head", &data[..], b"end"].concat();
                assert_eq!(written, [&once[..], &once].concat(), "{length} bytes in steps of {step}");
                assert_eq!(output.slices(&mut [IoSlice::new(&[]); 3]), 0);
            }
        }
    }
}
