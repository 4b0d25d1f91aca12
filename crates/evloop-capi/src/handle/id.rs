//! What C holds: 64 bits, of which no two things in the life of a process have the same.

use super::status::Status;

/// Loops of a process at one time; the number of a loop is in all its handles.
pub(super) const LOOPS: usize = 1 << NUMBER_BITS;
/// Registrations of a loop at one time.
pub(super) const SLOTS: usize = 1 << SLOT_BITS;

const SLOT_BITS: u32 = 20;
const NUMBER_BITS: u32 = 10;
const NUMBER_AT: u32 = SLOT_BITS;
const AREA_AT: u32 = NUMBER_AT + NUMBER_BITS;
const GENERATION_AT: u32 = 32;

/// What a handle is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    /// A descriptor, a timer or a signal.
    Watch,
    Loop,
    /// User data that several registrations share.
    Shared,
    Waker,
}

/// A handle, taken apart. From the upper bits: 32 of generation, 2 of area, 10 of the loop's number, 20 of slot.
///
/// Watches and loops are slots under a generation; shared data and wakers have a serial number that is never used again, and
/// that takes the places of both. 0 is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(u64);

impl Id {
    pub(super) const fn watch(number: usize, slot: usize, generation: u32) -> Self {
        Self::of(Area::Watch, number, slot as u64, generation as u64)
    }

    pub(super) const fn of_loop(number: usize, generation: u32) -> Self {
        Self::of(Area::Loop, number, 0, generation as u64)
    }

    /// `serial` has 52 bits.
    pub(super) const fn serial(area: Area, number: usize, serial: u64) -> Self {
        Self::of(area, number, serial % SLOTS as u64, serial >> SLOT_BITS)
    }

    const fn of(area: Area, number: usize, slot: u64, generation: u64) -> Self {
        let number = (number as u64) << NUMBER_AT;
        let area = (area as u64) << AREA_AT;
        Self(generation << GENERATION_AT | area | number | slot)
    }

    /// A handle that C gives back.
    #[inline]
    pub(super) fn parse(bits: u64, area: Area) -> Result<Self, Status> {
        let id = Self(bits);
        if bits == 0 {
            return Err(Status::ZERO);
        }
        if id.area() != area {
            return Err(Status::KIND);
        }
        Ok(id)
    }

    /// Bits that are not 0.
    pub(super) const fn any(bits: u64) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    #[inline]
    pub(super) const fn area(self) -> Area {
        match self.0 >> AREA_AT & 3 {
            0 => Area::Watch,
            1 => Area::Loop,
            2 => Area::Shared,
            _ => Area::Waker,
        }
    }

    #[inline]
    pub(super) const fn number(self) -> usize {
        (self.0 >> NUMBER_AT) as usize % LOOPS
    }

    #[inline]
    pub(super) const fn slot(self) -> usize {
        self.0 as usize % SLOTS
    }

    pub(super) const fn generation(self) -> u32 {
        (self.0 >> GENERATION_AT) as u32
    }

    /// The serial number of shared data or of a waker.
    pub(super) const fn serial_number(self) -> u64 {
        (self.generation() as u64) << SLOT_BITS | self.slot() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{Area, Id, LOOPS, SLOTS};

    #[test]
    fn parts_come_back_as_they_were() {
        let id = Id::watch(LOOPS - 1, SLOTS - 1, 7);
        assert_eq!(id.area(), Area::Watch);
        assert_eq!(
            (id.number(), id.slot(), id.generation()),
            (LOOPS - 1, SLOTS - 1, 7)
        );
        let id = Id::serial(Area::Waker, 0, 0x1_2345_6789);
        assert_eq!(
            (id.area(), id.serial_number()),
            (Area::Waker, 0x1_2345_6789)
        );
        assert_eq!(Id::of_loop(3, 4).area(), Area::Loop);
        assert_eq!(Id::serial(Area::Shared, 5, 1).number(), 5);
    }
}
