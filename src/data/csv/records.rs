//! The records of a table, one after another, with the line and the byte where each begins. A record has a longest length,
//! so that a quote left open costs no more than that.

use crate::data::DataError;
use crate::data::source::unreadable;
use csv_core::{ReadRecordResult, ReaderBuilder};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

const BLOCK: usize = 1 << 16;
/// The longest record, in bytes.
const MAX_RECORD: usize = 16 << 20;
/// The most fields of a record.
pub(super) const MAX_FIELDS: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Records<R> {
    path: PathBuf,
    source: R,
    parser: csv_core::Reader,
    block: Vec<u8>,
    /// What of the block hasn't been read yet.
    rest: std::ops::Range<usize>,
    ended: bool,
    /// Where the record begins that was read last.
    pub(super) byte: u64,
    pub(super) line: u64,
    /// Where the next begins.
    next_byte: u64,
    next_line: u64,
    fields: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl<R: Read> Records<R> {
    pub(super) fn new(path: &Path, source: R, separator: u8) -> Self {
        Self {
            path: path.to_owned(),
            source,
            parser: ReaderBuilder::new().delimiter(separator).build(),
            block: vec![0; BLOCK],
            rest: 0..0,
            ended: false,
            byte: 0,
            line: 1,
            next_byte: 0,
            next_line: 1,
            fields: vec![0; 1024],
            ends: vec![0; 64],
            count: 0,
        }
    }

    /// The source behind what was read of it.
    pub(super) fn source(&mut self) -> &mut R {
        &mut self.source
    }

    /// Forgets what was read ahead: the source was moved to this byte, where this line begins.
    pub(super) fn moved(&mut self, byte: u64, line: u64) {
        self.parser.reset();
        (self.rest, self.ended) = (0..0, false);
        (self.next_byte, self.next_line) = (byte, line);
    }

    /// Reads the next record; false if there is none.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        self.skip_empty_lines()?;
        (self.byte, self.line, self.count) = (self.next_byte, self.next_line, 0);
        let mut written = 0;
        loop {
            self.fill()?;
            let input = self.block.get(self.rest.clone()).unwrap_or(&[]);
            let output = self.fields.get_mut(written..).unwrap_or(&mut []);
            let ends = self.ends.get_mut(self.count..).unwrap_or(&mut []);
            let (result, read, wrote, ended) = self.parser.read_record(input, output, ends);
            let lines = input.iter().take(read).filter(|byte| **byte == b'\n').count();
            self.rest.start += read;
            self.next_byte += read as u64;
            self.next_line += lines as u64;
            written += wrote;
            self.count += ended;
            match result {
                ReadRecordResult::Record => return Ok(true),
                ReadRecordResult::End => return Ok(false),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.fields.len() < MAX_RECORD => {
                    self.fields.resize(self.fields.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < MAX_FIELDS => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => {
                    return Err(self.too_long(&format!("a record of more than {MAX_RECORD} bytes")));
                }
                ReadRecordResult::OutputEndsFull => {
                    return Err(self.too_long(&format!("a record of more than {MAX_FIELDS} fields")));
                }
            }
        }
    }

    /// How many fields the record has that was read last.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// A field of that record, without the blanks around it; empty if it isn't there.
    pub(super) fn field(&self, index: usize) -> &[u8] {
        let Some(end) = self.ends.get(index).filter(|_| index < self.count) else { return &[] };
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.fields.get(start..*end).unwrap_or(&[]).trim_ascii()
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|index| self.field(index))
    }

    fn fill(&mut self) -> Result<(), DataError> {
        if self.rest.is_empty() && !self.ended {
            let read = loop {
                match self.source.read(&mut self.block) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    other => break other.map_err(|error| unreadable(&self.path, &error))?,
                }
            };
            self.rest = 0..read;
            self.ended = read == 0;
        }
        Ok(())
    }

    /// So that a record's place is that of its first field.
    fn skip_empty_lines(&mut self) -> Result<(), DataError> {
        loop {
            self.fill()?;
            let Some(byte @ (b'\n' | b'\r')) = self.block.get(self.rest.clone()).and_then(<[u8]>::first) else {
                return Ok(());
            };
            self.next_line += u64::from(*byte == b'\n');
            self.next_byte += 1;
            self.rest.start += 1;
        }
    }

    fn too_long(&self, message: &str) -> DataError {
        DataError::Cell {
            path: self.path.display().to_string(),
            line: self.line,
            column: String::new(),
            message: message.to_owned(),
            help: Some("a quote may have been left open".to_owned()),
        }
    }
}

impl<R: Read + Seek> Records<R> {
    /// Reads the record that begins at this byte and line; false if there is none.
    pub(super) fn at(&mut self, byte: u64, line: u64) -> Result<bool, DataError> {
        self.source().seek(SeekFrom::Start(byte)).map_err(|error| unreadable(&self.path, &error))?;
        self.moved(byte, line);
        self.advance()
    }
}
