//! What waits to be written: frames one behind the other, with large pieces of bodies beside them, so that they go out together and
//! nothing large is copied.

use std::{collections::VecDeque, io::IoSlice};

use bytes::Bytes;

use crate::{
    code::Code,
    frame::{HEAD_BYTES, Head, kind},
};

/// Pieces up to this size are copied behind the head of their frame: dearer than a copy is a piece of its own in a system call. Smaller
/// than the pieces that somebody counts until they are written.
const COPIED_BYTES_MAX: usize = 2048;
/// A buffer that has grown beyond this is given back when it is empty.
const KEPT_BYTES_MAX: usize = 32 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Output {
    /// What is before `tail`, in order.
    pieces: VecDeque<Piece>,
    tail: Vec<u8>,
    /// Of the first piece, or of the tail if there is none, so many bytes are written.
    written: usize,
    bytes: usize,
}

#[derive(Debug)]
enum Piece {
    Frames(Vec<u8>),
    Data(Bytes),
}

impl Piece {
    fn as_slice(&self) -> &[u8] {
        match self {
            Piece::Frames(frames) => frames,
            Piece::Data(data) => data,
        }
    }
}

impl Output {
    pub(crate) fn len(&self) -> usize {
        self.bytes
    }

    pub(crate) fn frame(&mut self, head: Head, payload: &[u8]) {
        self.tail.extend_from_slice(&head.bytes());
        self.tail.extend_from_slice(payload);
        self.bytes += HEAD_BYTES + payload.len();
    }

    /// A frame whose payload `write` appends, and what it says then of its flags. Too large ones are cut by [`Output::split`].
    pub(crate) fn block(
        &mut self,
        kind: u8,
        flags: u8,
        stream: u32,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> usize {
        let begin = self.tail.len();
        self.tail.extend_from_slice(&[0; HEAD_BYTES]);
        write(&mut self.tail);
        let length = self.tail.len() - begin - HEAD_BYTES;
        let head = Head { length: length as u32, kind, flags, stream };
        self.tail[begin..begin + HEAD_BYTES].copy_from_slice(&head.bytes());
        self.bytes += HEAD_BYTES + length;
        length
    }

    /// Takes the payload of the last frame away again, with its head.
    pub(crate) fn take_block(&mut self, length: usize) -> Vec<u8> {
        let payload = self.tail.split_off(self.tail.len() - length);
        self.tail.truncate(self.tail.len() - HEAD_BYTES);
        self.bytes -= HEAD_BYTES + length;
        payload
    }

    pub(crate) fn data(&mut self, flags: u8, stream: u32, data: Bytes) {
        let length = data.len();
        let head = Head { length: length as u32, kind: kind::DATA, flags, stream };
        if length <= COPIED_BYTES_MAX {
            self.frame(head, &data);
            return;
        }
        self.frame(head, &[]);
        self.pieces.push_back(Piece::Frames(std::mem::take(&mut self.tail)));
        self.pieces.push_back(Piece::Data(data));
        self.bytes += length;
    }

    pub(crate) fn reset(&mut self, stream: u32, code: Code) {
        self.frame(Head { length: 4, kind: kind::RST_STREAM, flags: 0, stream }, &code.0.to_be_bytes());
    }

    pub(crate) fn window_update(&mut self, stream: u32, bytes: u32) {
        self.frame(Head { length: 4, kind: kind::WINDOW_UPDATE, flags: 0, stream }, &bytes.to_be_bytes());
    }

    /// What is written next, as far as there is room in `slices`; how many of them.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut skipped = self.written;
        let mut count = 0;
        let all = self.pieces.iter().map(Piece::as_slice).chain([&self.tail[..]]);
        for (slice, bytes) in slices.iter_mut().zip(all) {
            let bytes = &bytes[std::mem::take(&mut skipped)..];
            if bytes.is_empty() {
                break;
            }
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        count
    }

    /// So many bytes are written.
    pub(crate) fn advance(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.written += bytes;
        while let Some(piece) = self.pieces.front() {
            let length = piece.as_slice().len();
            if self.written < length {
                return;
            }
            self.written -= length;
            self.pieces.pop_front();
        }
        if self.written == self.tail.len() {
            self.written = 0;
            self.tail.clear();
            if self.tail.capacity() > KEPT_BYTES_MAX {
                self.tail = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Output;
    use bytes::Bytes;
    use std::io::IoSlice;

    #[test]
    fn what_goes_in_comes_out_in_order_however_it_is_written() {
        for step in [1, 2, 7, 100, 5000, 100_000] {
            let mut output = Output::default();
            let mut expected = Vec::new();
            for (number, length) in [(0u8, 0usize), (1, 10), (2, 5000), (3, 2048), (4, 9000), (5, 1)] {
                let data = Bytes::from(vec![number; length]);
                output.data(number, 1, data.clone());
                let length = u32::try_from(length).expect("short").to_be_bytes();
                expected.extend_from_slice(&[&length[1..], &[0, number, 0, 0, 0, 1], &data[..]].concat());
            }
            assert_eq!(output.len(), expected.len());
            let mut written = Vec::new();
            while output.len() > 0 {
                let mut slices = [IoSlice::new(&[]); 3];
                let count = output.slices(&mut slices);
                let together: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
                let taken = step.min(together.len());
                written.extend_from_slice(&together[..taken]);
                output.advance(taken);
            }
            assert_eq!(written, expected, "in steps of {step}");
            assert_eq!(output.slices(&mut [IoSlice::new(&[]); 3]), 0);
        }
    }
}
