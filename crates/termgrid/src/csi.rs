//! Control sequences that are whole and have nothing but numbers, read at once. The parser gets all others, and would find
//! the same in these: it takes them byte by byte.

use std::slice::Chunks;

/// More parameters are left to the parser.
const PARAMS_MAX: usize = 16;

/// `CSI`, numbers with semicolons between them, and a final character.
pub(crate) struct Plain {
    values: [u16; PARAMS_MAX],
    count: usize,
    pub(crate) action: char,
    /// How many bytes it has.
    pub(crate) length: usize,
}

impl Plain {
    /// The sequence that the bytes begin with, if it is such a one.
    #[inline]
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"\x1b[")?;
        let mut values = [0; PARAMS_MAX];
        let (mut count, mut value) = (0, 0u16);
        for (index, &byte) in rest.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    value = value
                        .saturating_mul(10)
                        .saturating_add(u16::from(byte - b'0'));
                }
                b';' | b'@'..=b'~' => {
                    *values.get_mut(count)? = value;
                    (count, value) = (count + 1, 0);
                    if byte != b';' {
                        return Some(Self {
                            values,
                            count,
                            action: char::from(byte),
                            length: index + 3,
                        });
                    }
                }
                _ => return None,
            }
        }
        None
    }
}

/// The parameters, each without subparameters, as the parser's own.
impl<'a> IntoIterator for &'a Plain {
    type Item = &'a [u16];
    type IntoIter = Chunks<'a, u16>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.values[..self.count].chunks(1)
    }
}
