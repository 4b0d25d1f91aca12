// What the examples of the documentation are about: a record, of maps with several keys.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    pub serial: &'static str,
    pub slot: u8,
    pub port: u16,
    pub healthy: bool,
}

impl idmap::IdHashItem for Disk {
    type Key<'a> = &'a str;
    fn key(&self) -> &str {
        self.serial
    }
    idmap::id_upcast!();
}

impl idmap::BiHashItem for Disk {
    type K1<'a> = &'a str;
    type K2<'a> = u8;
    fn key1(&self) -> &str {
        self.serial
    }
    fn key2(&self) -> u8 {
        self.slot
    }
    idmap::bi_upcast!();
}

impl idmap::TriHashItem for Disk {
    type K1<'a> = &'a str;
    type K2<'a> = u8;
    type K3<'a> = u16;
    fn key1(&self) -> &str {
        self.serial
    }
    fn key2(&self) -> u8 {
        self.slot
    }
    fn key3(&self) -> u16 {
        self.port
    }
    idmap::tri_upcast!();
}

/// The healthy disk of a slot.
pub fn disk(serial: &'static str, slot: u8) -> Disk {
    Disk { serial, slot, port: 8000 + u16::from(slot), healthy: true }
}

/// Two of them.
pub fn disks<M: FromIterator<Disk>>() -> M {
    [disk("a7", 1), disk("b3", 2)].into_iter().collect()
}
